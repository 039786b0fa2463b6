// Code to paste elsewhere. File names and addresses are escaped for each language they stand in.
import type { DeliveryRules } from '../backend/config';
import type { Image, Rendition } from '../backend/models';
import { slugOf, stemOf } from '../shared/names';
import {
  candidates,
  factsOf,
  formatsOf,
  plainestOf,
  srcsetOf,
  widestOf,
} from '../shared/renditions';
import { addressSnippets } from './address-snippets';
import { type Snippet, encoded, markdownSnippet, quoted, tag } from './markup';

/**
 * Returns the snippets of an image; none while it has no renditions. They have addresses of any width where
 * those are open without a signature, or else its renditions.
 */
export function snippetsOf(
  image: Image,
  apiUrl: string,
  rules: DeliveryRules | null,
): readonly Snippet[] {
  const fit = candidates(image);
  const best = widestOf(fit);
  const plain = plainestOf(fit);
  if (!best || !plain) return [];
  const delivered = rules && addressSnippets(image, rules);
  return [
    ...(delivered ?? renditionSnippets(image, fit, plain)),
    {
      id: 'curl',
      title: 'cURL',
      note: 'The first command downloads this picture; the second uploads another.',
      code: `${downloadSnippet(image, best)}\n\n${uploadSnippet(image, apiUrl)}`,
    },
  ];
}

function renditionSnippets(
  image: Image,
  fit: readonly Rendition[],
  plain: Rendition,
): readonly Snippet[] {
  return [
    {
      id: 'picture',
      title: '<picture>',
      note: 'Each browser loads the best format that it supports.',
      code: pictureSnippet(image, fit, plain),
    },
    {
      id: 'srcset',
      title: '<img srcset>',
      note: 'One format; each screen loads the width that it needs.',
      code: srcsetSnippet(image, fit),
    },
    {
      id: 'markdown',
      title: 'Markdown',
      note: 'For a README, an issue or a note.',
      code: markdownSnippet(image, plain.url),
    },
  ];
}

/** Returns a `<picture>` with a source for each format, best first, and *plain* for all others. */
export function pictureSnippet(image: Image, fit: readonly Rendition[], plain: Rendition): string {
  const sources = formatsOf(fit).map((format) => {
    const srcset = srcsetOf(fit.filter((one) => one.format === format));
    return `  ${tag('source', { type: `image/${format}`, srcset, sizes: sizesOf(fit) }, 4)}`;
  });
  return ['<picture>', ...sources, `  ${img(image, plain, {}, 4)}`, '</picture>'].join('\n');
}

/** Returns an `<img>` with the widths of one format: the one that has most, and of equals the plainer. */
export function srcsetSnippet(image: Image, fit: readonly Rendition[]): string {
  const formats = [...formatsOf(fit)].reverse();
  const sets = formats.map((format) => fit.filter((one) => one.format === format));
  const set = sets.reduce<readonly Rendition[]>(
    (best, one) => (one.length > best.length ? one : best),
    [],
  );
  const largest = widestOf(set);
  if (!largest) return '';
  return img(image, largest, { srcset: srcsetOf(set), sizes: sizesOf(set) }, 2);
}

/** Returns a command that downloads a rendition. */
export function downloadSnippet(image: Image, rendition: Rendition): string {
  return `curl -o ${quoted(fileNameOf(image, rendition))} ${quoted(encoded(rendition.url))}`;
}

/** Returns a command that uploads an original of this kind; of its name only what no shell minds. */
export function uploadSnippet(image: Image, apiUrl: string): string {
  const format = image.original.format ?? 'jpeg';
  const file = `${slugOf(image.filename)}.${factsOf(format)?.extensions[0] ?? format}`;
  const type = image.original.contentType ?? 'image/jpeg';
  const address = `${encoded(apiUrl)}/images?filename=${encodeURIComponent(file)}`;
  return [
    `curl --data-binary ${quoted(`@${file}`)}`,
    `-H ${quoted(`Content-Type: ${type.replace(/[^\w/.+-]/g, '')}`)}`,
    quoted(address),
  ].join(' ');
}

/** Returns what a rendition's file is called when it is downloaded: `beach-display.avif`. */
export function fileNameOf(image: Image, { preset, format }: Rendition): string {
  const extension = factsOf(format)?.extensions[0] ?? slugOf(format);
  return `${slugOf(image.filename)}-${slugOf(preset)}.${extension}`;
}

function img(
  image: Image,
  rendition: Rendition,
  more: Readonly<Record<string, string>>,
  indent: number,
): string {
  const values = {
    src: encoded(rendition.url),
    ...more,
    width: String(rendition.width),
    height: String(rendition.height),
    alt: stemOf(image.filename),
    loading: 'lazy',
    decoding: 'async',
  };
  return tag('img', values, indent);
}

function sizesOf(fit: readonly Rendition[]): string {
  const width = Math.max(...fit.map((one) => one.width));
  return `(max-width: ${width}px) 100vw, ${width}px`;
}
