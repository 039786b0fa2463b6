import { sampleImage } from '../shared/sample-image';
import { addressSnippets, widthsOf } from './address-snippets';
import { snippetsOf } from './snippets';

const RULES = { widths: [64, 320, 384, 480, 640, 960, 1280, 1600, 2560] };
const BASE = 'https://cdn.example/i/01M7/beach';

function codeOf(id: string, image = sampleImage()): string {
  return addressSnippets(image, RULES)?.find((one) => one.id === id)?.code ?? '';
}

function parsed(html: string): readonly Element[] {
  return [...new DOMParser().parseFromString(html, 'text/html').body.querySelectorAll('*')];
}

describe('the widths of a srcset', () => {
  it('are some way apart, and none is larger than the original', () => {
    const real = (original: number): readonly number[] =>
      widthsOf(RULES.widths, original).map((one) => one.real);
    expect(real(4000)).toEqual([320, 480, 640, 960, 1280, 1600, 2560]);
    expect(real(1000)).toEqual([320, 480, 640, 960, 1000]);
    expect(real(960)).toEqual([320, 480, 640, 960]);
    expect(real(50)).toEqual([50]);
    expect(real(0)).toEqual([]);
  });

  it('ask for the next width of the grid to get an original’s own', () => {
    expect(widthsOf(RULES.widths, 1000).at(-1)).toEqual({ requested: 1280, real: 1000 });
  });
});

describe('the snippets with addresses', () => {
  it('let a browser choose the width, and the server the format', () => {
    const [img] = parsed(codeOf('srcset'));

    expect(img?.getAttribute('src')).toBe(`${BASE}?w=1280`);
    expect(img?.getAttribute('srcset')).toContain(`${BASE}?w=640 640w, ${BASE}?w=960 960w`);
    expect(img?.getAttribute('sizes')).toBe('(max-width: 1280px) 100vw, 1280px');
    expect([img?.getAttribute('width'), img?.getAttribute('height')]).toEqual(['1280', '853']);
  });

  it('name the formats in a <picture>, AVIF only where it moves if the original does', () => {
    const types = (html: string): (string | null)[] =>
      parsed(html)
        .filter((one) => one.tagName === 'SOURCE')
        .map((one) => one.getAttribute('type'));
    expect(types(codeOf('picture'))).toEqual(['image/avif', 'image/webp']);
    expect(codeOf('picture')).toContain('?w=640&amp;fm=avif 640w');
    const moving = sampleImage({}, { format: 'gif', frames: 4 });
    expect(types(codeOf('picture', moving))).toEqual(['image/webp']);
  });

  it('are JSX with its own names for attributes', () => {
    const code = codeOf('react');
    expect(code).toContain('  srcSet="');
    expect(code).toMatch(/\n\/>$/);
  });

  it('have a loader that makes next/image’s addresses', async () => {
    const code = codeOf('next').replace(/\/\/ next\.config[\s\S]*/, '');
    const made = (await import(
      /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
    )) as { default: (wanted: object) => string };
    const [, src] = /src="([^"]+)"/.exec(codeOf('next')) ?? [];

    expect(made.default({ src, width: 640, quality: 75 })).toBe(`${BASE}?w=640`);
  });

  it('keep a hostile name in its quotes', () => {
    const image = sampleImage({ filename: '"><script>alert(1)</script>${x}.jpg' });
    for (const id of ['srcset', 'picture', 'react']) {
      const names = parsed(codeOf(id, image)).map((one) => one.tagName);
      expect(names).not.toContain('SCRIPT');
    }
    expect(codeOf('next', image)).toContain('alt="&quot;&gt;&lt;script&gt;');
  });

  it('are not offered where addresses need a signature, or somebody’s cookie', () => {
    expect(addressSnippets(sampleImage(), { widths: [] })).toBeNull();
    expect(addressSnippets(sampleImage({ visibility: 'private' }), RULES)).toBeNull();
    expect(addressSnippets(sampleImage({}, { width: null }), RULES)).toBeNull();
  });

  it('stand in for those with renditions', () => {
    const ids = (rules: typeof RULES | null): string[] =>
      snippetsOf(sampleImage(), 'https://api.example', rules).map((one) => one.id);
    expect(ids(RULES)).toEqual(['srcset', 'picture', 'react', 'next', 'markdown', 'curl']);
    expect(ids({ widths: [] })).toEqual(['picture', 'srcset', 'markdown', 'curl']);
  });
});
