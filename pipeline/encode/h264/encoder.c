#include "shim.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

struct gio_h264_enc {
  ISVCEncoder *codec;
  int width, height, fps;
  SFrameBSInfo unit;  // of the last picture; points into the encoder's memory
};

static int set_bitrate(ISVCEncoder *codec, ENCODER_OPTION option, int bps) {
  SBitrateInfo b = {.iLayer = SPATIAL_LAYER_ALL, .iBitrate = bps};
  return (*codec)->SetOption(codec, option, &b);
}

static void fill(SEncParamExt *p, const gio_h264_config *c) {
  p->iUsageType = CAMERA_VIDEO_REAL_TIME;
  p->iPicWidth = c->width;
  p->iPicHeight = c->height;
  p->fMaxFrameRate = (float)c->fps;
  p->iRCMode = RC_BITRATE_MODE;
  p->iTargetBitrate = c->bitrate_bps;
  p->iMaxBitrate = UNSPECIFIED_BIT_RATE;
  p->bEnableFrameSkip = false;            // every picture gets a frame: eight of ninety would not
  p->bEnableBackgroundDetection = false;  // it keeps the first keyframe's coarse background for ever
  p->bEnableSceneChangeDetect = false;    // keyframes on demand only
  p->uiIntraPeriod = 0;
  p->eSpsPpsIdStrategy = CONSTANT_ID;
  p->iMultipleThreadIdc = (unsigned short)c->threads;
  p->iSpatialLayerNum = 1;
  SSpatialLayerConfig *l = &p->sSpatialLayers[0];
  l->iVideoWidth = c->width;
  l->iVideoHeight = c->height;
  l->fFrameRate = (float)c->fps;
  l->iSpatialBitrate = c->bitrate_bps;
  l->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  l->uiProfileIdc = PRO_BASELINE;
  l->sSliceArgument.uiSliceMode = c->threads > 1 ? SM_FIXEDSLCNUM_SLICE : SM_SINGLE_SLICE;
  l->sSliceArgument.uiSliceNum = (unsigned)c->threads;
}

gio_h264_enc *gio_h264_enc_new(const gio_h264_config *c, int *error) {
  SEncParamExt p;
  int quiet = WELS_LOG_QUIET;
  gio_h264_enc *e = calloc(1, sizeof *e);
  if (!e) {
    *error = cmMallocMemeError;
    return NULL;
  }
  e->width = c->width;
  e->height = c->height;
  e->fps = c->fps;
  if ((*error = WelsCreateSVCEncoder(&e->codec))) {
    free(e);
    return NULL;
  }
  (*e->codec)->SetOption(e->codec, ENCODER_OPTION_TRACE_LEVEL, &quiet);
  if (!(*error = (*e->codec)->GetDefaultParams(e->codec, &p))) {
    fill(&p, c);
    *error = (*e->codec)->InitializeExt(e->codec, &p);
  }
  if (*error) {
    WelsDestroySVCEncoder(e->codec);
    free(e);
    return NULL;
  }
  return e;
}

int gio_h264_enc_bitrate(gio_h264_enc *e, int bps) { return set_bitrate(e->codec, ENCODER_OPTION_BITRATE, bps); }

int gio_h264_enc_rate(gio_h264_enc *e, float fps) {
  return (*e->codec)->SetOption(e->codec, ENCODER_OPTION_FRAME_RATE, &fps);
}

gio_h264_result gio_h264_enc_frame(gio_h264_enc *e, const uint8_t *y, const uint8_t *u, const uint8_t *v, int64_t millis,
                                   int force_key) {
  gio_h264_result r = {0};
  SSourcePicture pic = {0};
  pic.iColorFormat = videoFormatI420;
  pic.iPicWidth = e->width;
  pic.iPicHeight = e->height;
  pic.iStride[0] = e->width;
  pic.iStride[1] = pic.iStride[2] = e->width / 2;
  pic.pData[0] = (unsigned char *)y;
  pic.pData[1] = (unsigned char *)u;
  pic.pData[2] = (unsigned char *)v;
  pic.uiTimeStamp = millis;
  memset(&e->unit, 0, sizeof e->unit);
  if (force_key && (r.error = (*e->codec)->ForceIntraFrame(e->codec, true))) return r;
  if ((r.error = (*e->codec)->EncodeFrame(e->codec, &pic, &e->unit))) return r;
  r.key = e->unit.eFrameType == videoFrameTypeIDR;
  for (int i = 0; i < e->unit.iLayerNum; i++)
    for (int k = 0; k < e->unit.sLayerInfo[i].iNalCount; k++) r.size += e->unit.sLayerInfo[i].pNalLengthInByte[k];
  return r;
}

void gio_h264_enc_copy(const gio_h264_enc *e, uint8_t *to) {
  for (int i = 0; i < e->unit.iLayerNum; i++) {
    const SLayerBSInfo *l = &e->unit.sLayerInfo[i];
    size_t n = 0;
    for (int k = 0; k < l->iNalCount; k++) n += (size_t)l->pNalLengthInByte[k];
    memcpy(to, l->pBsBuf, n);
    to += n;
  }
}

void gio_h264_enc_free(gio_h264_enc *e) {
  if (!e) return;
  (*e->codec)->Uninitialize(e->codec);
  WelsDestroySVCEncoder(e->codec);
  free(e);
}
