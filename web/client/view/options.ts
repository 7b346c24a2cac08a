/** What the address of the view page says: /view/NAME?fit=cover&background=%23203040&mirror=1. */
export interface ViewOptions {
  /** Of the session. */
  name: string;
  /** The whole picture with margins, or the whole page with edges cut off. */
  fit: "contain" | "cover";
  /** A CSS colour, under the picture and where there is none. */
  background: string;
  /** Left and right change sides, the badge's letters too. */
  mirror: boolean;
}

/** Reads an address; what makes no sense is as if it were not there. */
export function parseOptions(address: string): ViewOptions {
  const { pathname, searchParams } = new URL(address);
  const colour = /^#?([0-9a-f]{6})$/i.exec(searchParams.get("background") ?? "")?.[1];
  return {
    name: decodeURIComponent(pathname.split("/").at(-1) ?? ""),
    fit: searchParams.get("fit") === "cover" ? "cover" : "contain",
    background: colour ? `#${colour.toLowerCase()}` : "transparent",
    mirror: searchParams.get("mirror") === "1",
  };
}
