/** Of several faces in a picture one is chosen by a click on its number. */
import { type FaceBox, type FaceList, findFaces } from "../api";
import { make, setPressed } from "./dom";

export class FaceChoice {
  /** Number of the chosen face from the left; 0 where there is nothing to choose. */
  chosen = 0;
  private looking: AbortController | null = null;

  /** frame lies over the square preview of the picture, hint says what to do. */
  constructor(private readonly frame: HTMLElement, private readonly hint: HTMLElement) {
    this.clear();
  }

  /** Numbers the faces of a picture where it shows several. */
  async look(picture: Blob): Promise<void> {
    this.clear();
    const looking = new AbortController();
    this.looking = looking;
    try {
      const list = await findFaces(picture, looking.signal);
      if (this.looking === looking && list.faces.length > 1) this.show(list);
    } catch {
      // Without numbers the largest face is taken; what is wrong with the picture is said when it is sent.
    }
  }

  clear(): void {
    this.looking?.abort();
    this.looking = null;
    this.chosen = 0;
    this.frame.replaceChildren();
    this.hint.hidden = true;
  }

  private show(list: FaceList): void {
    const buttons = list.faces.map((face, index) => {
      const at = placeOf(face, list);
      const style = `left: ${at.left}%; top: ${at.top}%; width: ${at.width}%; height: ${at.height}%`;
      const button = make("button", { type: "button", style, "aria-label": `Face ${index + 1} from the left` }, String(index + 1));
      button.onclick = () => this.choose(buttons, index + 1);
      return button;
    });
    this.frame.replaceChildren(...buttons);
    this.hint.hidden = false;
    this.choose(buttons, 1 + largest(list.faces));
  }

  private choose(buttons: HTMLButtonElement[], number: number): void {
    this.chosen = number;
    buttons.forEach((button, index) => setPressed(button, index + 1 === number));
  }
}

/** Where a face lies in a square that holds its whole picture in the middle, percent of the square's edge. */
export function placeOf(face: FaceBox, { width, height }: FaceList): { left: number; top: number; width: number; height: number } {
  const edge = Math.max(width, height);
  const share = (length: number): number => Math.round((1000 * length) / edge) / 10;
  return {
    left: share(face.x + (edge - width) / 2), top: share(face.y + (edge - height) / 2), width: share(face.width), height: share(face.height),
  };
}

/** Index of the largest face, the first among equals. */
export function largest(faces: FaceBox[]): number {
  const areas = faces.map(({ width, height }) => width * height);
  return areas.indexOf(Math.max(...areas));
}
