/** Follows one face from picture to picture; models/face/track.go is its twin. It does not smooth. */
import { COUNT, FLAG_LOST, type Sample } from "../wire/sample";
import { MIN_SCORE, readDetections, regionOfDetection } from "./detect";
import { MESH_SIDE, type Network } from "./networks";
import { planeOf, regionOf, usable, wholeSquare, type Roi } from "./roi";
import { brightness, fillCrop, type Pixels } from "./sampler";

/** What the last call of track cost, milliseconds. */
export interface TrackTimings {
  crop: number;
  network: number;
}

export class Tracker {
  readonly timings: TrackTimings = { crop: 0, network: 0 };
  /** Mean brightness of what was looked at last, 0..1. */
  light = 1;
  private region: Roi | null = null;

  constructor(private readonly detection: Network, private readonly landmarks: Network) {}

  /** Forgets where the face was: the next call detects anew. */
  reset(): void {
    this.region = null;
  }

  /** Writes points, score, size and the lost flag of sample; its other fields stay as they are. */
  async track(picture: Pixels, sample: Sample): Promise<void> {
    sample.width = picture.width;
    sample.height = picture.height;
    sample.flags |= FLAG_LOST;
    this.timings.crop = this.timings.network = 0;
    if (this.region && await this.place(picture, this.region, sample)) return;
    const found = await this.detect(picture);
    if (!found) {
      sample.score = 0;
      return;
    }
    await this.place(picture, found, sample);
  }

  private async detect(picture: Pixels): Promise<Roi | null> {
    const roi = wholeSquare(picture.width, picture.height);
    const outputs = await this.look(this.detection, picture, roi, false);
    const found = readDetections(outputs["boxes"]!, outputs["scores"]!, planeOf(roi), roi.side);
    return found[0] ? regionOfDetection(found[0]) : null;
  }

  /** Runs the landmark network at roi; true where the face is followed from here on. */
  private async place(picture: Pixels, roi: Roi, sample: Sample): Promise<boolean> {
    this.region = null;
    const outputs = await this.look(this.landmarks, picture, roi, true);
    sample.score = outputs["score"]![0]!;
    if (!(sample.score >= MIN_SCORE)) return false;
    toPicture(outputs["landmarks"]!, roi, picture.width, sample.points);
    const next = regionOf(sample.points, picture.width);
    if (!usable(next, picture.width, picture.height)) return false;
    this.region = next;
    sample.flags &= ~FLAG_LOST;
    return true;
  }

  private async look(network: Network, picture: Pixels, roi: Roi, repeatEdge: boolean): Promise<Record<string, Float32Array>> {
    const start = performance.now();
    fillCrop(network.input, network.side, picture, planeOf(roi), repeatEdge);
    this.light = brightness(network.input);
    const filled = performance.now();
    const outputs = await network.run();
    this.timings.crop += filled - start;
    this.timings.network += performance.now() - filled;
    return outputs;
  }
}

/** Maps landmarks from pixels of the crop to units of the picture's width. */
function toPicture(crop: Float32Array, roi: Roi, width: number, points: Float32Array): void {
  const plane = planeOf(roi);
  const depth = roi.side / MESH_SIDE / width;
  for (let i = 0; i < 3 * COUNT; i += 3) {
    const u = crop[i]! / MESH_SIDE - 0.5;
    const v = crop[i + 1]! / MESH_SIDE - 0.5;
    points[i] = (plane.cx + u * plane.ux + v * plane.vx) / width;
    points[i + 1] = (plane.cy + u * plane.uy + v * plane.vy) / width;
    points[i + 2] = crop[i + 2]! * depth;
  }
}
