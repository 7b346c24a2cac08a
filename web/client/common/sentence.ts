/** The server's words, which begin small as its errors do, as a sentence for people. */
export function sentence(words: string): string {
  const text = words.trim();
  if (text === "") return "";
  return text[0]!.toUpperCase() + text.slice(1) + (/[.!?…:]["”’)]?$/.test(text) ? "" : ".");
}
