/** What the address of the view page says: /view/NAME?fit=cover&background=%23203040&mirror=1&alpha=1&aspect=16:9. */
export interface ViewOptions {
  /** Of the session. */
  name: string;
  /** The whole picture with margins, or the whole page with edges cut off. */
  fit: "contain" | "cover";
  /** A CSS colour, under the picture and where there is none. */
  background: string;
  /** Left and right change sides, the badge's letters too. */
  mirror: boolean;
  /** The portrait alone, with transparency, instead of its background. */
  alpha: boolean;
  /** A square, 16:9, or what the server gives who asks for nothing. */
  aspect: "1:1" | "16:9" | "";
}

/** Reads an address; what makes no sense is as if it were not there. */
export function parseOptions(address: string): ViewOptions {
  const { pathname, searchParams } = new URL(address);
  const aspect = searchParams.get("aspect") ?? "";
  const colour = /^#?([0-9a-f]{6})$/i.exec(searchParams.get("background") ?? "")?.[1];
  return {
    name: decodeURIComponent(pathname.split("/").at(-1) ?? ""),
    fit: searchParams.get("fit") === "cover" ? "cover" : "contain",
    background: colour ? `#${colour.toLowerCase()}` : "transparent",
    mirror: searchParams.get("mirror") === "1",
    alpha: searchParams.get("alpha") === "1",
    aspect: aspect === "1:1" || aspect === "16:9" ? aspect : "",
  };
}

/** The query by which a WHEP endpoint is asked for the picture in that form; empty where the address asks for nothing. */
export function formQuery({ alpha, aspect }: Pick<ViewOptions, "alpha" | "aspect">): string {
  const query = [...(alpha ? ["alpha=1"] : []), ...(aspect ? [`aspect=${aspect}`] : [])];
  return query.length > 0 ? `?${query.join("&")}` : "";
}
