// Snippets, and text for the languages that they are in: escaped, so that a file's name stays a name.
import type { Image } from '../backend/models';
import { stemOf } from '../shared/names';

export interface Snippet {
  readonly id: 'address' | 'srcset' | 'picture' | 'react' | 'next' | 'markdown' | 'curl';
  readonly title: string;
  readonly note: string;
  readonly code: string;
}

/** Returns a tag with one attribute a line; *end* closes it. */
export function tag(
  name: string,
  values: Readonly<Record<string, string>>,
  indent: number,
  end = '>',
): string {
  const space = ' '.repeat(indent);
  const lines = Object.entries(values).map(
    ([key, value]) => `${space}${key}="${escapeHtml(value)}"`,
  );
  return `${[`<${name}`, ...lines].join('\n')}${end}`;
}

/** Returns a Markdown image. */
export function markdownSnippet(image: Image, address: string): string {
  const url = encoded(address).replaceAll('(', '%28').replaceAll(')', '%29');
  return `![${escapeMarkdown(stemOf(image.filename))}](${url})`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Returns text for an attribute in double quotes, or between tags. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** Returns text for a Markdown image's description, where no construct can begin or end. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]!|~$<>&]/g, (character) => `\\${character}`);
}

/** Returns an address without what could end an attribute, a quote or a Markdown link. */
export function encoded(url: string): string {
  return url.replace(/[\s"'<>`\\]/g, (character) => `%${hex(character)}`);
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
}

/** Returns one word of a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
