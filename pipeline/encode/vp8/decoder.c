#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

struct gio_vp8_dec {
  vpx_codec_ctx_t codec;
  const vpx_image_t *img;
  char why[256];
};

gio_vp8_dec *gio_vp8_dec_new(void) {
  gio_vp8_dec *d = calloc(1, sizeof *d);
  if (d && vpx_codec_dec_init(&d->codec, vpx_codec_vp8_dx(), NULL, 0)) {
    free(d);
    return NULL;
  }
  return d;
}

int gio_vp8_dec_frame(gio_vp8_dec *d, const uint8_t *data, size_t size) {
  vpx_codec_iter_t iter = NULL;
  d->img = NULL;
  vpx_codec_err_t err = vpx_codec_decode(&d->codec, data, (unsigned)size, NULL, 0);
  if (err) {
    const char *detail = vpx_codec_error_detail(&d->codec);
    snprintf(d->why, sizeof d->why, "%s%s%s", vpx_codec_err_to_string(err), detail ? ": " : "", detail ? detail : "");
    return -1;
  }
  d->img = vpx_codec_get_frame(&d->codec, &iter);
  return d->img != NULL;
}

void gio_vp8_dec_size(const gio_vp8_dec *d, unsigned *width, unsigned *height) {
  *width = d->img ? d->img->d_w : 0;
  *height = d->img ? d->img->d_h : 0;
}

static void rows(uint8_t *dst, const vpx_image_t *img, int plane, unsigned width, unsigned height) {
  for (unsigned i = 0; i < height; i++)
    memcpy(dst + (size_t)i * width, img->planes[plane] + (ptrdiff_t)i * img->stride[plane], width);
}

void gio_vp8_dec_copy(const gio_vp8_dec *d, uint8_t *y, uint8_t *u, uint8_t *v) {
  const unsigned w = d->img->d_w, h = d->img->d_h;
  rows(y, d->img, VPX_PLANE_Y, w, h);
  rows(u, d->img, VPX_PLANE_U, w / 2, h / 2);
  rows(v, d->img, VPX_PLANE_V, w / 2, h / 2);
}

const char *gio_vp8_dec_error(const gio_vp8_dec *d) { return d->why; }

void gio_vp8_dec_free(gio_vp8_dec *d) {
  if (!d) return;
  vpx_codec_destroy(&d->codec);
  free(d);
}
