// Writes zip files whose bytes depend on nothing but what is in them: no times, no owners (PKWARE's APPNOTE 6.3.3, without its
// 64-bit forms).
import { crc32, deflateRawSync } from "node:zlib";

/** 1980-01-01, the earliest that the format knows. */
const DATE = 0x21;
const UTF8 = 0x800;
const DEFLATED = 8;

/** The archive of files {name, bytes}, in their order. */
export function zip(files) {
  const parts = [], index = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const title = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version that unpacks it
    facts.writeUInt16LE(UTF8, 2);
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt16LE(DATE, 8);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(title.length, 22);
    parts.push(Buffer.from("PK\x03\x04"), facts, title, packed);
    const place = Buffer.alloc(14); // comment, disk and attributes: none
    place.writeUInt32LE(offset, 10);
    index.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), facts, place, title);
    offset += 30 + title.length + packed.length;
  }
  const directory = Buffer.concat(index);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
