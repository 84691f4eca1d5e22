import { expect, test } from "vitest";
import { parseTemplate, renderTemplate } from "../core/template.ts";
import { contextForTests } from "./context-for-tests.ts";
import { templateNames } from "./template-facts.ts";

test("templates of a mapped task know its item and its index", () => {
  const context = { ...contextForTests(), item: { name: "eu", tags: ["a"] }, index: 3 };
  const rendered = renderTemplate(parseTemplate("{{ item.name }}-{{ index }}-{{ item.tags }}"), templateNames(context));
  expect(rendered).toBe('eu-3-["a"]');
});
