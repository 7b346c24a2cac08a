export function zip(files: { name: string; bytes: Buffer }[]): Buffer;
