/** Part of the settings: who may come from elsewhere. Only who may decide about that sees it. */
import { createToken, getTokens, linkOf, revokeToken, type Scope, type Token, tokenText, type Wanted } from "../tokens";
import { byId, find, make } from "./dom";

const DAY = 86_400_000;

export class AccessPanel {
  private readonly place = byId("access", HTMLElement);
  private readonly form = find(this.place, "form", HTMLFormElement);
  private readonly list = find(this.place, ".tokens", HTMLElement);
  private readonly link = byId("access-link", HTMLInputElement);
  private readonly made = byId("access-made", HTMLElement);

  /** say shows a sentence, complain what went wrong. */
  constructor(private readonly say: (text: string) => void, private readonly complain: (error: unknown) => void) {
    this.form.onsubmit = (event) => {
      event.preventDefault();
      void this.create();
    };
    this.link.onfocus = () => this.link.select();
    byId("access-copy", HTMLButtonElement).onclick = () => {
      void navigator.clipboard.writeText(this.link.value).then(() => this.say("Copied."), () => this.link.select());
    };
  }

  /** Looks who may come now; a link that was shown is forgotten. */
  async open(): Promise<void> {
    this.link.value = "";
    this.made.hidden = true;
    await this.fill().catch(() => (this.place.hidden = true));
  }

  private async fill(): Promise<void> {
    const tokens = await getTokens();
    this.list.replaceChildren(...tokens.map((token) => this.line(token)));
    this.place.hidden = false;
  }

  private async create(): Promise<void> {
    const field = (name: string): string => (this.form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement).value.trim();
    const [session, label, days] = [field("session"), field("label"), Number(field("days"))];
    const wanted: Wanted = {
      scope: field("scope") as Scope, ...(session && { session }), ...(label && { label }),
      ...(days > 0 && { expires: new Date(Date.now() + days * DAY).toISOString() }),
    };
    try {
      this.link.value = linkOf(wanted, await createToken(wanted), location.href);
      this.made.hidden = false;
      this.link.focus();
      await this.fill();
    } catch (error) {
      this.complain(error);
    }
  }

  private line(token: Token): HTMLElement {
    const what = token.label ?? token.id;
    const end = make("button", { type: "button", class: "quiet small", "aria-label": `End the token of ${what}` }, "End");
    end.onclick = () => void revokeToken(token.id).then(() => this.fill(), this.complain);
    return make("li", {}, make("span", {}, what), make("span", {}, tokenText(token, Date.now())), end);
  }
}
