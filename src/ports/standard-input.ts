/** All of standard input as text; undefined when it is longer than this. */
export async function readStandardInput(bytesMax: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdin) {
    const buffer = Buffer.from(part);
    bytes += buffer.byteLength;
    if (bytes > bytesMax) return undefined;
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}
