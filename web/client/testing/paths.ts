/** Where the tests find what belongs to the rest of the project. */
import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of package.json; the test runner fills it in. */
declare const WEB_ROOT: string;

export const projectRoot = join(WEB_ROOT, "..");

/** Folder of the converted networks, as `gioconda models` leaves them. */
export const modelsFolder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "gioconda", "models");
