// Code to paste for one size that was made in the playground.
import type { Image } from '../backend/models';
import { type Snippet, encoded, markdownSnippet, tag } from '../image/markup';
import { stemOf } from '../shared/names';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns the snippets; without the size of the picture, which keeps a page from jumping, they have none. */
export function playgroundSnippets(
  image: Image,
  address: string,
  size: Size | null,
): readonly Snippet[] {
  const img = {
    src: encoded(address),
    ...(size && { width: String(size.width), height: String(size.height) }),
    alt: stemOf(image.filename),
    loading: 'lazy',
    decoding: 'async',
  };
  return [
    { id: 'address', title: '<img>', note: 'For a web page.', code: tag('img', img, 2) },
    { id: 'react', title: 'React', note: 'The same as JSX.', code: tag('img', img, 2, '\n/>') },
    {
      id: 'markdown',
      title: 'Markdown',
      note: 'For a README, an issue or a note.',
      code: markdownSnippet(image, address),
    },
  ];
}
