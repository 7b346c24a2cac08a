// A narrow door to libvpx: everything with a size that Go need not know stays behind these functions.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct gio_vp8_enc gio_vp8_enc;
typedef struct gio_vp8_dec gio_vp8_dec;

typedef struct {
  unsigned width, height, threads, bitrate_kbps;
  unsigned min_q, max_q, buffer_ms, max_intra_pct, drop_threshold, static_threshold;
  int cpu_used, token_partitions, error_resilient;
} gio_vp8_config;

// One compressed frame; data is the encoder's and valid until its next call. data is NULL for a dropped frame.
typedef struct {
  const uint8_t *data;
  size_t size;
  int key;
} gio_vp8_packet;

// Functions that return int answer 0, or -1 with the reason in gio_vp8_enc_error.
gio_vp8_enc *gio_vp8_enc_new(const gio_vp8_config *c, char *why, size_t why_size);
int gio_vp8_enc_bitrate(gio_vp8_enc *e, unsigned kbps);
int gio_vp8_enc_static(gio_vp8_enc *e, unsigned threshold);
int gio_vp8_enc_frame(gio_vp8_enc *e, const uint8_t *y, const uint8_t *u, const uint8_t *v, int64_t pts,
                      unsigned long duration, int force_key);
const gio_vp8_packet *gio_vp8_enc_packet(const gio_vp8_enc *e);
const char *gio_vp8_enc_error(const gio_vp8_enc *e);
void gio_vp8_enc_free(gio_vp8_enc *e);

gio_vp8_dec *gio_vp8_dec_new(void);
// Returns 1 with a picture, 0 without one, -1 on error.
int gio_vp8_dec_frame(gio_vp8_dec *d, const uint8_t *data, size_t size);
void gio_vp8_dec_size(const gio_vp8_dec *d, unsigned *width, unsigned *height);
void gio_vp8_dec_copy(const gio_vp8_dec *d, uint8_t *y, uint8_t *u, uint8_t *v);
const char *gio_vp8_dec_error(const gio_vp8_dec *d);
void gio_vp8_dec_free(gio_vp8_dec *d);
