#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

struct gio_vp8_enc {
  vpx_codec_ctx_t codec;
  vpx_codec_enc_cfg_t cfg;
  vpx_image_t img;
  gio_vp8_packet packet;
  char why[256];
};

static void explain(char *why, size_t size, const char *what, vpx_codec_ctx_t *codec, vpx_codec_err_t err) {
  const char *detail = codec ? vpx_codec_error_detail(codec) : NULL;
  snprintf(why, size, "%s: %s%s%s", what, vpx_codec_err_to_string(err), detail ? ": " : "", detail ? detail : "");
}

static void fill(vpx_codec_enc_cfg_t *cfg, const gio_vp8_config *c) {
  cfg->g_w = c->width;
  cfg->g_h = c->height;
  cfg->g_threads = c->threads;
  cfg->g_profile = 0;
  cfg->g_timebase.num = 1;
  cfg->g_timebase.den = 90000;
  cfg->g_error_resilient = c->error_resilient ? VPX_ERROR_RESILIENT_DEFAULT : 0;
  cfg->g_pass = VPX_RC_ONE_PASS;
  cfg->g_lag_in_frames = 0;
  cfg->rc_dropframe_thresh = c->drop_threshold;
  cfg->rc_resize_allowed = 0;
  cfg->rc_end_usage = VPX_CBR;
  cfg->rc_target_bitrate = c->bitrate_kbps;
  cfg->rc_min_quantizer = c->min_q;
  cfg->rc_max_quantizer = c->max_q;
  cfg->rc_undershoot_pct = 100;
  cfg->rc_overshoot_pct = 15;
  cfg->rc_buf_sz = c->buffer_ms;
  cfg->rc_buf_initial_sz = c->buffer_ms / 2;
  cfg->rc_buf_optimal_sz = c->buffer_ms * 6 / 10;
  cfg->kf_mode = VPX_KF_DISABLED;
}

static vpx_codec_err_t tune(vpx_codec_ctx_t *codec, const gio_vp8_config *c) {
  vpx_codec_err_t err;
  if ((err = vpx_codec_control(codec, VP8E_SET_CPUUSED, c->cpu_used))) return err;
  if ((err = vpx_codec_control(codec, VP8E_SET_STATIC_THRESHOLD, c->static_threshold))) return err;
  if ((err = vpx_codec_control(codec, VP8E_SET_TOKEN_PARTITIONS, c->token_partitions))) return err;
  if ((err = vpx_codec_control(codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, c->max_intra_pct))) return err;
  if ((err = vpx_codec_control(codec, VP8E_SET_ENABLEAUTOALTREF, 0))) return err;
  if ((err = vpx_codec_control(codec, VP8E_SET_NOISE_SENSITIVITY, 0))) return err;
  return vpx_codec_control(codec, VP8E_SET_SCREEN_CONTENT_MODE, 0);
}

gio_vp8_enc *gio_vp8_enc_new(const gio_vp8_config *c, char *why, size_t why_size) {
  vpx_codec_err_t err;
  gio_vp8_enc *e = calloc(1, sizeof *e);
  if (!e) {
    snprintf(why, why_size, "out of memory");
    return NULL;
  }
  if ((err = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &e->cfg, 0))) {
    explain(why, why_size, "default settings", NULL, err);
    free(e);
    return NULL;
  }
  fill(&e->cfg, c);
  if ((err = vpx_codec_enc_init(&e->codec, vpx_codec_vp8_cx(), &e->cfg, 0))) {
    explain(why, why_size, "start", &e->codec, err);
    free(e);
    return NULL;
  }
  if ((err = tune(&e->codec, c))) {
    explain(why, why_size, "settings", &e->codec, err);
    gio_vp8_enc_free(e);
    return NULL;
  }
  // The planes are pointed at the caller's memory frame by frame.
  vpx_img_wrap(&e->img, VPX_IMG_FMT_I420, c->width, c->height, 1, (unsigned char *)e);
  return e;
}

int gio_vp8_enc_bitrate(gio_vp8_enc *e, unsigned kbps) {
  e->cfg.rc_target_bitrate = kbps;
  vpx_codec_err_t err = vpx_codec_enc_config_set(&e->codec, &e->cfg);
  if (err) explain(e->why, sizeof e->why, "bitrate", &e->codec, err);
  return err ? -1 : 0;
}

int gio_vp8_enc_static(gio_vp8_enc *e, unsigned threshold) {
  vpx_codec_err_t err = vpx_codec_control(&e->codec, VP8E_SET_STATIC_THRESHOLD, threshold);
  if (err) explain(e->why, sizeof e->why, "static threshold", &e->codec, err);
  return err ? -1 : 0;
}

static void point(gio_vp8_enc *e, const uint8_t *y, const uint8_t *u, const uint8_t *v) {
  const int w = (int)e->cfg.g_w;
  e->img.planes[VPX_PLANE_Y] = (unsigned char *)y;
  e->img.planes[VPX_PLANE_U] = (unsigned char *)u;
  e->img.planes[VPX_PLANE_V] = (unsigned char *)v;
  e->img.stride[VPX_PLANE_Y] = w;
  e->img.stride[VPX_PLANE_U] = e->img.stride[VPX_PLANE_V] = w / 2;
}

int gio_vp8_enc_frame(gio_vp8_enc *e, const uint8_t *y, const uint8_t *u, const uint8_t *v, int64_t pts,
                      unsigned long duration, int force_key) {
  const vpx_enc_frame_flags_t flags = force_key ? VPX_EFLAG_FORCE_KF : 0;
  vpx_codec_iter_t iter = NULL;
  const vpx_codec_cx_pkt_t *p;
  memset(&e->packet, 0, sizeof e->packet);
  point(e, y, u, v);
  vpx_codec_err_t err = vpx_codec_encode(&e->codec, &e->img, pts, duration, flags, VPX_DL_REALTIME);
  point(e, NULL, NULL, NULL);  // C keeps no pointer into the caller's memory
  if (err) {
    explain(e->why, sizeof e->why, "encode", &e->codec, err);
    return -1;
  }
  while ((p = vpx_codec_get_cx_data(&e->codec, &iter))) {
    if (p->kind != VPX_CODEC_CX_FRAME_PKT) continue;
    e->packet.data = p->data.frame.buf;
    e->packet.size = p->data.frame.sz;
    e->packet.key = (p->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
  }
  return 0;
}

const gio_vp8_packet *gio_vp8_enc_packet(const gio_vp8_enc *e) { return &e->packet; }

const char *gio_vp8_enc_error(const gio_vp8_enc *e) { return e->why; }

void gio_vp8_enc_free(gio_vp8_enc *e) {
  if (!e) return;
  vpx_codec_destroy(&e->codec);
  free(e);
}
