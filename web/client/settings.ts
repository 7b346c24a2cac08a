/** The preferences in force: changed by the form and by buttons, kept on this device, brought to the server. */
import type { Connection } from "./net/connection";
import type { AnySettings } from "./net/messages";
import { SettingsSync } from "./net/settings";
import { loadPrefs, type Prefs, savePrefs, settingsOf } from "./prefs";
import type { Notices } from "./ui/notices";
import { SettingsForm } from "./ui/settings";

export class Settings {
  readonly prefs: Prefs = loadPrefs();
  private readonly form: SettingsForm;
  private readonly sync: SettingsSync;

  /** onChange is told which preference has a new value, after the server was. */
  constructor(private readonly connection: Connection, notices: Notices, private readonly onChange: (key: keyof Prefs) => void) {
    this.sync = new SettingsSync((fields) => connection.request("settings", fields), (error) => notices.complain(error));
    this.form = new SettingsForm(this.prefs, (key) => this.changed(key), (error) => notices.complain(error), () => connection.name);
  }

  /** Sets one preference from outside the form. */
  set<K extends keyof Prefs>(key: K, value: Prefs[K]): void {
    this.prefs[key] = value;
    this.form.fill();
    this.changed(key);
  }

  /** Remembers the present portrait; who chose it has told the server. */
  keepPersona(id: string): void {
    this.prefs.persona = id;
    savePrefs(this.prefs);
  }

  /** Asks the browser again which cameras and microphones there are. */
  fillDevices(): void {
    void this.form.fillDevices();
  }

  /** Brings settings to the server; those of now are sent again when the next session begins. */
  tell(fields: AnySettings): void {
    if (this.connection.phase === "live") void this.sync.push(fields);
  }

  /**
   * Brings all to a session, and what else it must know. One that is fresh has no picture of the user's own: that follows
   * once the server has it.
   */
  tellAll(more: AnySettings, fresh: boolean): void {
    const { background, ...all } = settingsOf(this.prefs);
    const known = background.mode !== "image" || (background.image !== undefined && !fresh);
    this.tell({ ...all, ...(known ? { background } : {}), ...more });
    if (fresh) void this.bringBackdrop();
  }

  private async bringBackdrop(): Promise<void> {
    try {
      await this.form.bringBackdrop();
      const { background } = this.prefs;
      if (background.mode === "image" && background.image !== undefined) this.tell({ background });
    } catch {
      // The server takes no picture now: the portrait keeps its own background.
    }
  }

  private changed(key: keyof Prefs): void {
    savePrefs(this.prefs);
    if (key === "mirror" || key === "strength" || key === "background" || key === "idle") this.tell({ [key]: this.prefs[key] });
    if (key === "codec" || key === "playoutDelay") this.connection.reconnect();
    this.onChange(key);
  }
}
