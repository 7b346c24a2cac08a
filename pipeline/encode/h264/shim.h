// A narrow door to openh264: everything with a layout that Go need not know stays behind these functions.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct gio_h264_enc gio_h264_enc;

typedef struct {
  int width, height, fps, bitrate_bps, threads;
} gio_h264_config;

// What became of a picture: error is openh264's, 0 for none; size is that of the access unit in Annex B.
typedef struct {
  int error;
  int size;
  int key;
} gio_h264_result;

// On failure it returns NULL and sets error.
gio_h264_enc *gio_h264_enc_new(const gio_h264_config *c, int *error);
// Answers 0 or openh264's error.
int gio_h264_enc_bitrate(gio_h264_enc *e, int bps);
int gio_h264_enc_rate(gio_h264_enc *e, float fps);
gio_h264_result gio_h264_enc_frame(gio_h264_enc *e, const uint8_t *y, const uint8_t *u, const uint8_t *v, int64_t millis,
                                   int force_key);
// Copies the access unit of the last picture; to has room for its size.
void gio_h264_enc_copy(const gio_h264_enc *e, uint8_t *to);
void gio_h264_enc_free(gio_h264_enc *e);
