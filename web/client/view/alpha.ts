/**
 * Real transparency. No browser decodes video with an alpha channel that came over WebRTC, so the server packs two pictures into one
 * of double height: above the colours over black (premultiplied), below the matte as grey. Here they become one picture again.
 */

/** What unpackAlpha started. */
export interface Unpacked {
  /** The first picture is on the canvas. */
  readonly started: boolean;
  /** Stops it and frees what it holds; the canvas keeps its last picture until it is used otherwise. */
  end(): void;
}

const VERTEX = `
attribute vec2 corner;
varying vec2 at; // 0..1 from the picture's upper left
void main() {
  at = vec2(corner.x, 1.0 - corner.y);
  gl_Position = vec4(2.0 * corner - 1.0, 0.0, 1.0);
}`;

/** Compression leaves noise of a level or two where the matte is none or all: there it shall be none or all. */
const FRAGMENT = `
precision highp float;
uniform sampler2D halves;
varying vec2 at;
void main() {
  vec3 colour = texture2D(halves, vec2(at.x, 0.5 * at.y)).rgb;
  float matte = texture2D(halves, vec2(at.x, 0.5 + 0.5 * at.y)).g;
  matte = clamp((matte - 0.02) / 0.96, 0.0, 1.0);
  gl_FragColor = vec4(min(colour, matte), matte);
}`;

/** Tells whether this browser can unpack. */
export function canUnpack(): boolean {
  return document.createElement("canvas").getContext("webgl") !== null;
}

/**
 * Draws every frame of a packed video to a canvas, as many pixels as one of its halves has, transparent where the matte says so. It
 * throws where the browser has no WebGL. A lost graphics context is taken up again when the browser gives it back.
 */
export function unpackAlpha(video: HTMLVideoElement, canvas: HTMLCanvasElement): Unpacked {
  const gl = canvas.getContext("webgl", { alpha: true, premultipliedAlpha: true, antialias: false, depth: false, stencil: false });
  if (!gl) throw new Error("This browser cannot show a transparent picture: it has no WebGL. Leave alpha=1 out of the address.");
  let painter = newPainter(gl);
  let started = false;
  const draw = (): void => {
    if (painter?.paint(video) !== true) return;
    started = true;
  };
  const lost = (event: Event): void => {
    event.preventDefault(); // or it is never given back
    painter = null;
  };
  const restored = (): void => {
    painter = newPainter(gl);
    draw();
  };
  canvas.addEventListener("webglcontextlost", lost);
  canvas.addEventListener("webglcontextrestored", restored);
  const stop = everyFrame(video, draw);
  return {
    get started() {
      return started;
    },
    end: () => {
      stop();
      canvas.removeEventListener("webglcontextlost", lost);
      canvas.removeEventListener("webglcontextrestored", restored);
      painter?.free();
      painter = null;
    },
  };
}

/** Calls draw when a frame of the video is there to be shown, until what it returns is called. */
function everyFrame(video: HTMLVideoElement, draw: () => void): () => void {
  let handle = 0;
  if ("requestVideoFrameCallback" in video) {
    const next = (): void => {
      handle = video.requestVideoFrameCallback(() => {
        draw();
        next();
      });
    };
    next();
    return () => video.cancelVideoFrameCallback(handle);
  }
  let drawn = -1;
  const look = (): void => {
    const { currentTime } = video as HTMLVideoElement;
    if (currentTime !== drawn) {
      drawn = currentTime;
      draw();
    }
    handle = requestAnimationFrame(look);
  };
  look();
  return () => cancelAnimationFrame(handle);
}

interface Painter {
  /** Draws the video's frame; false where there is none yet. */
  paint(video: HTMLVideoElement): boolean;
  free(): void;
}

/** Prepares a context; null while it is lost. */
function newPainter(gl: WebGLRenderingContext): Painter | null {
  const program = newProgram(gl);
  if (!program) return null;
  gl.useProgram(program);
  const corners = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  const corner = gl.getAttribLocation(program, "corner");
  gl.enableVertexAttribArray(corner);
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  // One texel for each pixel: nothing of one half gets into the other.
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
  gl.disable(gl.BLEND);
  return {
    paint: (video) => {
      const { videoWidth: width, videoHeight: height } = video;
      if (width === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
      const { canvas } = gl;
      if (canvas.width !== width || canvas.height !== height >> 1) {
        canvas.width = width;
        canvas.height = height >> 1;
      }
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, video);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      return true;
    },
    free: () => {
      gl.deleteTexture(texture);
      gl.deleteBuffer(corners);
      gl.deleteProgram(program);
    },
  };
}

/** The two shaders, linked; null where the context is lost. */
function newProgram(gl: WebGLRenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader); // it stays as long as the program
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  if (gl.isContextLost()) return null;
  throw new Error(`This browser's WebGL refused a program: ${gl.getProgramInfoLog(program) ?? "it does not say why"}`);
}
