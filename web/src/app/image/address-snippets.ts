// Code to paste with addresses of any width: a browser takes the width that it needs, in a format that it knows.
import type { DeliveryRules } from '../backend/config';
import type { Image } from '../backend/models';
import { type Parameters, addressOf, baseOf } from '../shared/delivery-addresses';
import { stemOf } from '../shared/names';
import { isMoving } from '../shared/renditions';
import { type Snippet, escapeHtml, markdownSnippet, tag } from './markup';

const SMALLEST = 320; // pixels: fewer are a thumbnail's, which is a preset's
const APART = 1.25; // of two widths in one srcset: nearer ones save little, and each is a file to be made
const USUAL = 1280; // for what does not read a srcset

/** An address of an image, and how wide the picture there is. */
interface Width {
  readonly requested: number;
  readonly real: number;
}

/** Returns the snippets; null where no width of this image is open without a signature. */
export function addressSnippets(image: Image, rules: DeliveryRules): readonly Snippet[] | null {
  const base = baseOf(image);
  const { width, height } = image.original;
  const [first, ...more] = widthsOf(rules.widths, width ?? 0);
  if (image.visibility !== 'public' || !base || !width || !height || !first) return null;
  const widths = [first, ...more] as const;
  const at = (parameters: Parameters): string => addressOf(base, image.filename, parameters);
  const usual = widths.findLast((one) => one.real <= USUAL) ?? first;
  const address = at({ w: usual.requested });
  const srcsetOf = (more: Parameters): string =>
    widths.map(({ requested, real }) => `${at({ w: requested, ...more })} ${real}w`).join(', ');
  const sizes = `(max-width: ${usual.real}px) 100vw, ${usual.real}px`;
  const facts = {
    width: String(usual.real),
    height: String(Math.round((height * usual.real) / width)),
    alt: stemOf(image.filename),
    loading: 'lazy',
    decoding: 'async',
  };
  const formats = isMoving(image) ? ['webp'] : ['avif', 'webp'];
  const sources = formats.map((format) => {
    const srcset = srcsetOf({ fm: format });
    return `  ${tag('source', { type: `image/${format}`, srcset, sizes }, 4)}`;
  });
  const img = { src: address, srcset: srcsetOf({}), sizes, ...facts };
  const react = { src: address, srcSet: srcsetOf({}), sizes, ...facts };
  return [
    {
      id: 'srcset',
      title: '<img srcset>',
      note: 'Each browser loads the width that it needs, in the best format that it supports.',
      code: tag('img', img, 2),
    },
    {
      id: 'picture',
      title: '<picture>',
      note: 'The same, with the formats named in the page.',
      code: ['<picture>', ...sources, `  ${tag('img', img, 4)}`, '</picture>'].join('\n'),
    },
    {
      id: 'react',
      title: 'React',
      note: 'The same as JSX.',
      code: tag('img', react, 2, '\n/>'),
    },
    {
      id: 'next',
      title: 'Next.js',
      note: 'Three files: the loader, its setting, and an image.',
      code: nextSnippet(image, base, { width, height, sizes }),
    },
    {
      id: 'markdown',
      title: 'Markdown',
      note: 'For a README, an issue or a note.',
      code: markdownSnippet(image, address),
    },
  ];
}

/** Returns the widths for a `srcset`, ascending: some way apart, and the last one the original's if that is near. */
export function widthsOf(grid: readonly number[], original: number): readonly Width[] {
  const widths: Width[] = [];
  for (const requested of grid) {
    const real = Math.min(requested, original);
    const last = widths.at(-1)?.real;
    const wanted =
      last === undefined
        ? real >= Math.min(SMALLEST, original)
        : real >= last * APART || (real === original && real > last);
    if (real > 0 && wanted) widths.push({ requested, real });
  }
  return widths;
}

/** Returns a loader for `next/image`, which knows of the widths that `next/image` asks for. */
function nextSnippet(
  image: Image,
  base: string,
  { width, height, sizes }: { width: number; height: number; sizes: string },
): string {
  const source = addressOf(image.id, image.filename, {});
  const folder = base.slice(0, -image.id.length);
  return `// tintype-loader.js
'use client';

export default function tintypeLoader({ src, width }) {
  return \`${folder}\${src}?w=\${width}\`;
}

// next.config.js, within its \`images\`
images: { loader: 'custom', loaderFile: './tintype-loader.js' },

// a component, after import Image from 'next/image'
<Image
  src="${escapeHtml(source)}"
  width={${width}}
  height={${height}}
  sizes="${escapeHtml(sizes)}"
  alt="${escapeHtml(stemOf(image.filename))}"
/>`;
}
