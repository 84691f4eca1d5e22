import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { localFiles } from "../ports/files.ts";

const SOURCE = join(import.meta.dirname, "..");

/** What a public entry exports: name and the file that declares it. */
function exportsOf(entry: string): readonly { readonly name: string; readonly file: string }[] {
  const text = localFiles.readText(join(SOURCE, entry));
  return [...text.matchAll(/export (?:type )?\{([^}]+)\} from "([^"]+)"/g)].flatMap(([, names = "", from = ""]) =>
    names
      .split(",")
      .map((name) => name.replace("type ", "").trim())
      .filter((name) => name !== "")
      .map((name) => ({ name, file: join(SOURCE, dirname(entry), from) })),
  );
}

/** The comment right before the declaration, or "" when there is none. */
function docstringOf({ name, file }: { readonly name: string; readonly file: string }): string {
  const text = localFiles.readText(file);
  const declaration = new RegExp(`^export (?:interface|type|class|const|(?:async )?function) ${name}\\b`, "m").exec(
    text,
  );
  const before = text.slice(0, declaration?.index ?? 0).trimEnd();
  return before.endsWith("*/") ? before.slice(before.lastIndexOf("/**")) : "";
}

describe.each(["sdk/index.ts", "tasks/index.ts"])("%s", (entry) => {
  const exported = exportsOf(entry);

  test("exports something", () => {
    expect(exported.length).toBeGreaterThan(5);
  });

  test.each(exported)("$name is explained, with an example", (declaration) => {
    expect(docstringOf(declaration)).toMatch(/\/\*\*[\s\S]+@example/);
  });
});
