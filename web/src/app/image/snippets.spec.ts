import { candidates } from '../shared/renditions';
import { sampleImage } from '../shared/sample-image';
import { escapeHtml, escapeMarkdown, markdownSnippet, quoted } from './markup';
import { downloadSnippet, fileNameOf, snippetsOf, uploadSnippet } from './snippets';

const API = 'https://tintype.example/api';
const HOSTILE = [
  '<img src=x onerror=alert(1)>.jpg',
  '"><script>alert(1)</script>.jpg',
  "'; rm -rf ~; echo '.jpg",
  '$(reboot) `reboot` %0a.jpg',
  '](javascript:alert(1)) ![x](https://evil.example/x.gif).jpg',
  '\u202egpj.exe',
  'two\nlines.jpg',
  '-o\\ evil.jpg',
  '🏝️ 海.jpg',
];

function codeOf(filename: string, id: string): string {
  return snippetsOf(sampleImage({ filename }), API, null).find((one) => one.id === id)?.code ?? '';
}

/** Returns the elements that a browser makes of HTML. */
function parsed(html: string): readonly Element[] {
  return [...new DOMParser().parseFromString(html, 'text/html').body.querySelectorAll('*')];
}

describe('the <picture> snippet', () => {
  it('has a source a format, best first, and a plain image with its size', () => {
    const [picture, avif, webp, img] = parsed(codeOf('beach.jpg', 'picture'));

    expect(picture?.tagName).toBe('PICTURE');
    expect(avif?.getAttribute('type')).toBe('image/avif');
    expect(avif?.getAttribute('srcset')).toBe('https://cdn.example/01M7/abc/display.avif 1600w');
    expect(webp?.getAttribute('srcset')).toBe(
      'https://cdn.example/01M7/abc/thumb.webp 320w, https://cdn.example/01M7/abc/display.webp 1600w',
    );
    expect(img?.getAttribute('alt')).toBe('beach');
    expect([img?.getAttribute('width'), img?.getAttribute('height')]).toEqual(['1600', '1067']);
  });
});

describe('the srcset snippet', () => {
  it('has the format with the most widths', () => {
    const [img] = parsed(codeOf('beach.jpg', 'srcset'));

    expect(img?.getAttribute('srcset')).toContain('thumb.webp 320w');
    expect(img?.getAttribute('src')).toBe('https://cdn.example/01M7/abc/display.webp');
  });
});

describe('a hostile name', () => {
  it.each(HOSTILE)('stays text in HTML: %s', (filename) => {
    for (const id of ['picture', 'srcset']) {
      const elements = parsed(codeOf(filename, id));
      const names = elements.map((one) => one.tagName);
      expect(names).toEqual(id === 'picture' ? ['PICTURE', 'SOURCE', 'SOURCE', 'IMG'] : ['IMG']);
      const attributes = elements.at(-1)?.getAttributeNames() ?? [];
      expect(attributes.filter((one) => one.startsWith('on'))).toEqual([]);
    }
  });

  it.each(HOSTILE)('stays the description in Markdown: %s', (filename) => {
    const code = codeOf(filename, 'markdown');

    expect(code).toMatch(/^!\[(?:[^\\[\]<>`\n]|\\.)*\]\(https:\/\/cdn\.example\/[^\s()]*\)$/);
  });

  it.each(HOSTILE)('is nothing but quoted ASCII in a shell: %s', (filename) => {
    const lines = codeOf(filename, 'curl').split('\n\n');

    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^curl -o '[\w.-]+' 'https:[^'\s]+'$/);
    expect(lines[1]).toMatch(
      /^curl --data-binary '@[\w.-]+' -H 'Content-Type: image\/jpeg' 'https:[^'\s]+'$/,
    );
  });

  it('cannot make an option of a file', () => {
    expect(uploadSnippet(sampleImage({ filename: '-o.jpg' }), API)).toContain("'@o.jpg'");
  });
});

describe('a hostile address', () => {
  it('cannot end a quote, an attribute or a link', () => {
    const image = sampleImage();
    const [best] = candidates(image);
    if (!best) throw new Error('no rendition');
    const evil = { ...best, url: `https://cdn.example/a b'"<x>)\`` };

    expect(downloadSnippet(image, evil)).toBe(
      `curl -o 'beach-thumb.webp' 'https://cdn.example/a%20b%27%22%3Cx%3E)%60'`,
    );
    expect(markdownSnippet(image, evil.url)).toBe(
      '![beach](https://cdn.example/a%20b%27%22%3Cx%3E%29%60)',
    );
  });
});

describe('snippetsOf', () => {
  it('leaves the still files of a moving picture out', () => {
    const moving = sampleImage({}, { format: 'gif', frames: 44 });
    expect(snippetsOf(moving, API, null)[0]?.code).not.toContain('avif');
  });

  it('is empty while there is nothing to show', () => {
    expect(snippetsOf(sampleImage({ renditions: [] }), API, null)).toEqual([]);
  });
});

describe('escaping', () => {
  it('escapes what HTML, Markdown and a shell give a meaning', () => {
    expect(escapeHtml(`<a href="x">'&\``)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#96;');
    expect(escapeMarkdown('a_b*[c](d)!')).toBe('a\\_b\\*\\[c\\](d)\\!');
    expect(quoted("it's")).toBe(`'it'\\''s'`);
  });

  it('names downloads by preset and format', () => {
    const image = sampleImage({ filename: 'Am Strand.jpg' });
    expect(image.renditions.map((one) => fileNameOf(image, one))).toEqual([
      'Am-Strand-processed.jpg',
      'Am-Strand-thumb.webp',
      'Am-Strand-display.avif',
      'Am-Strand-display.webp',
    ]);
  });
});
