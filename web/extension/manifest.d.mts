export function manifest(browser: string, version: string): object;
