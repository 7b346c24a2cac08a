/** What the address of the view page says: /view/NAME?fit=cover&background=%23203040&mirror=1&alpha=1&aspect=16:9&sound=1. */
export interface ViewOptions {
  /** Of the session. */
  name: string;
  /** The whole picture with margins, or the whole page with edges cut off. */
  fit: "contain" | "cover";
  /** A CSS colour, under the picture and where there is none. */
  background: string;
  /** Left and right change sides, the badge's letters too. */
  mirror: boolean;
  /** What is behind the portrait is transparent. */
  alpha: boolean;
  /** "" is as the server is configured. */
  aspect: "" | "1:1" | "16:9";
  /** The driver's microphone is heard. */
  sound: boolean;
}

/** Reads an address; what makes no sense is as if it were not there. */
export function parseOptions(address: string): ViewOptions {
  const { pathname, searchParams } = new URL(address);
  const colour = /^#?([0-9a-f]{6})$/i.exec(searchParams.get("background") ?? "")?.[1];
  const aspect = searchParams.get("aspect");
  return {
    name: decodeURIComponent(pathname.split("/").at(-1) ?? ""),
    fit: searchParams.get("fit") === "cover" ? "cover" : "contain",
    background: colour ? `#${colour.toLowerCase()}` : "transparent",
    mirror: searchParams.get("mirror") === "1",
    alpha: searchParams.get("alpha") === "1",
    aspect: aspect === "1:1" || aspect === "16:9" ? aspect : "",
    sound: searchParams.get("sound") === "1",
  };
}

/** Where the picture of these options is asked for, below the page's own address. */
export function endpointOf({ name, alpha, aspect }: ViewOptions, page: string): string {
  const url = new URL(`../whep/${encodeURIComponent(name)}`, page);
  if (alpha) url.searchParams.set("alpha", "1");
  if (aspect) url.searchParams.set("aspect", aspect);
  return url.href;
}
