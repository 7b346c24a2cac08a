// The manifests of both browsers from one source.

/** Gives the extension the same id wherever Chromium loads it: web.extensions of the server names that id. */
const KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvBuCxR1Qqz60NLWcl1kKWlO2Sf5oqVGjXmcYltCrF38nFcBiq9+FjEaj+h2/u62bhdIvvhfPcafxWju9" +
  "kwVBb9cPRVt5NZjZf9yTqKzeBPynyFVYUBwOQwhEQzRkFtpP0Ni8bZdDvKJ/Vqtystf+b/R9X3gandO9oUSlV0axeXZWObsM9keBhEmZQhJd7RWqKnEHsJ2dpEAa4pS7" +
  "2KqJycirCj02C6o6+rqHf8bK7XKH0IlMTvb00/He382Tcn3IqKM3MkL23Cat/PJvotwW58ZIusmgZUgXlrpZn95vfm2jVxqCbuo1vlaKE0KqiCv/kKGXXlGhV5ocH42I" +
  "oGKbWwIDAQAB";

/** An id that add-ons of Firefox must have. */
const GECKO_ID = "extension@gioconda.live";

/** What a script in every frame of every page has in common with the other one. */
const EVERYWHERE = { matches: ["<all_urls>"], run_at: "document_start", all_frames: true, match_origin_as_fallback: true };

/** The manifest for "chromium" or "firefox". */
export function manifest(browser, version) {
  const common = {
    manifest_version: 3,
    name: "Gioconda",
    description: "A camera for every call: a portrait that moves as you do.",
    version,
    icons: { 48: "icon-48.png", 128: "icon-128.png" },
    permissions: ["storage", "notifications"],
    // The server on this machine; any other is asked for when its address is set.
    host_permissions: ["http://127.0.0.1/*", "http://localhost/*"],
    optional_host_permissions: ["https://*/*", "http://*/*"],
    // The order counts: the page's script listens before the bridge calls it.
    content_scripts: [
      { ...EVERYWHERE, js: ["page.js"], world: "MAIN" },
      { ...EVERYWHERE, js: ["bridge.js"] },
    ],
    action: { default_popup: "popup.html", default_title: "Gioconda" },
    commands: {
      panic: { suggested_key: { default: "Alt+Shift+P" }, description: "Freeze: a still portrait, until pressed again" },
    },
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'" },
  };
  if (browser === "firefox") {
    return {
      ...common,
      background: { scripts: ["background.js"] },
      browser_specific_settings: {
        gecko: { id: GECKO_ID, strict_min_version: "128.0", data_collection_permissions: { required: ["none"] } },
      },
    };
  }
  return {
    ...common,
    key: KEY,
    minimum_chrome_version: "116",
    background: { service_worker: "background.js" },
    permissions: [...common.permissions, "sidePanel"],
    side_panel: { default_path: "driver.html" },
  };
}
