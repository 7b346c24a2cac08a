/** The few members of the browsers' interface for extensions in use; Chromium and Firefox both answer with promises. */

export interface Event<T extends unknown[]> {
  addListener(listener: (...args: T) => void): void;
}

export interface Sender {
  /** Of the page; absent for pages of the extension's own in some browsers. */
  origin?: string;
  url?: string;
  tab?: { id?: number; title?: string };
}

/** A lasting connection between two parts of the extension. */
export interface RuntimePort {
  readonly name: string;
  readonly sender?: Sender;
  readonly onMessage: Event<[message: unknown]>;
  readonly onDisconnect: Event<[]>;
  postMessage(message: unknown): void;
  disconnect(): void;
}

export interface Browser {
  runtime: {
    readonly id: string;
    getURL(path: string): string;
    connect(info: { name: string }): RuntimePort;
    readonly onMessage: Event<[message: unknown]>;
    readonly onConnect: Event<[port: RuntimePort]>;
    getManifest(): { version: string };
  };
  storage: {
    local: {
      get(key: string): Promise<Record<string, unknown>>;
      set(items: object): Promise<void>;
      setAccessLevel?(level: { accessLevel: string }): Promise<void>;
    };
  };
  tabs: {
    create(properties: { url: string; active: boolean }): Promise<unknown>;
    update(id: number, properties: { active: boolean }): Promise<unknown>;
    query(what: object): Promise<{ id?: number }[]>;
    sendMessage(id: number, message: unknown): Promise<unknown>;
  };
  action: {
    setBadgeText(details: { text: string }): Promise<void>;
    setBadgeBackgroundColor(details: { color: string }): Promise<void>;
    setTitle(details: { title: string }): Promise<void>;
  };
  notifications: { create(id: string, options: { type: "basic"; iconUrl: string; title: string; message: string }): Promise<string> };
  permissions: { request(what: { origins: string[] }): Promise<boolean> };
  commands: { readonly onCommand: Event<[command: string]> };
  sidePanel?: { open(options: { windowId: number }): Promise<void> };
  windows: { getCurrent(): Promise<{ id?: number }> };
}

const scope = globalThis as unknown as { browser?: Browser; chrome?: Browser };

/** Absent outside an extension, where unit tests run. */
const found = scope.browser?.runtime ? scope.browser : scope.chrome;

export const browser: Browser = found ?? ({} as Browser);
