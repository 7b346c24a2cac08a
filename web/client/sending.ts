/** An upload, with what the server says meanwhile. */
import { parseUploadLine, problemOf, type UploadLine } from "./api";
import { Problem } from "./common/problem";

export interface SendingEvents {
  /** 0..1 of the bytes have left. */
  onSent(share: number): void;
  /** Each line of the answer but an error; the last one has the persona. */
  onLine(line: UploadLine): void;
  /** It came to nothing. */
  onFail(problem: Problem): void;
}

export class Sending {
  private readonly request = new XMLHttpRequest();
  private over = false;
  private read = 0;

  constructor(address: string, private readonly events: SendingEvents) {
    const { request } = this;
    request.upload.onprogress = ({ loaded, total }) => events.onSent(total > 0 ? loaded / total : 0);
    request.onprogress = () => {
      if (request.status === 200) this.readLines(request.responseText);
    };
    request.onerror = () => this.fail(problemOf(0, ""));
    request.onload = () => {
      if (request.status !== 200) {
        this.fail(problemOf(request.status, request.responseText));
        return;
      }
      // The last line need not end with a line break.
      this.readLines(request.responseText + "\n");
      this.fail(new Problem("cut", "The server stopped in the middle; try once more."));
    };
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/x-ndjson, application/json");
  }

  send(body: Blob | FormData): void {
    if (!this.over) this.request.send(body);
  }

  /** Nothing more is heard of it. */
  abort(): void {
    this.over = true;
    this.request.abort();
  }

  /** Handles the complete lines that are new. */
  private readLines(text: string): void {
    for (let end = text.indexOf("\n", this.read); end >= 0 && !this.over; end = text.indexOf("\n", this.read)) {
      const line = parseUploadLine(text.slice(this.read, end));
      this.read = end + 1;
      if (!line) continue;
      if (line.error) this.fail(new Problem(line.error.code, line.error.message));
      else {
        this.over = line.persona !== undefined;
        this.events.onLine(line);
      }
    }
  }

  private fail(problem: Problem): void {
    if (this.over) return;
    this.over = true;
    this.events.onFail(problem);
  }
}
