import { ACCEPTED } from '../backend/formats.generated';
import { inspect } from './inspection';

const LIMIT = 50_000_000;

/** Characters up to U+00FF as the bytes that they stand for. */
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const look = (text: string, size = 1_000): ReturnType<typeof inspect> =>
  inspect(bytes(text), size, LIMIT);

describe('a file is taken', () => {
  it.each([
    ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
    ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'image/png'],
    ['RIFF\x24\0\0\0WEBPVP8 ', 'image/webp'],
    ['GIF87a', 'image/gif'],
    ['GIF89a', 'image/gif'],
    ['BM\x36\0', 'image/bmp'],
    ['\xff\x4f\xff\x51', 'image/jp2'],
    ['\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'image/x-dcraw'],
    ['II*\0\x08\0\0\0', 'image/tiff'],
    ['MM\0*\0\0\0\x08', 'image/tiff'],
    ['\0\0\0\x1cftypavif\0\0\0\0mif1miaf', 'image/avif'],
    ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'image/heic'],
    ['\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'image/heic'],
    ['\0\0\0\x18ftypmif2\0\0\0\0mif2heic', 'image/heic'],
    ['\0\0\0\x1cftypmif1\0\0\0\0mif1avifheic', 'image/avif'],
    ['<svg xmlns="http://www.w3.org/2000/svg">', 'image/svg+xml'],
    ['\xef\xbb\xbf<?xml version="1.0"?>\n<!-- A-B -->\n<!DOCTYPE svg>\n<SVG>', 'image/svg+xml'],
  ])('by its first bytes %j, whatever its name: %s', (head, contentType) =>
    expect(look(head)).toEqual({ fits: true, contentType }),
  );

  it('up to the very limit', () => expect(look('GIF89a', LIMIT).fits).toBe(true));
});

describe('a file is refused', () => {
  const troubleOf = (text: string, size?: number): unknown => {
    const found = look(text, size);
    return found.fits ? undefined : found.trouble;
  };

  it.each([
    ['<svgs>', 'SVG and other markup'],
    ['\xef\xbb\xbf \r\n<?xml version="1.0"?>', 'SVG and other markup'],
    ['<?xml version="1.0"?><note><svg/></note>', 'SVG and other markup'],
    ['<!DOCTYPE html>', 'SVG and other markup'],
    ['%PDF-1.7', 'PDF'],
    ['\0\0\0\x18ftypisom\0\0\0\0', 'video'],
    ['\0\0\0\x18ftypmif1\0\0\0\0mif1miaf', 'HEIF that is neither AVIF nor HEIC'],
    ['\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc', 'HEIF sequence'],
    ['\0\0\0\x18ftyphevc\0\0\0\0msf1hevc', 'HEIC sequence'],
    ['\0\0\0\x18ftypabc\x80\0\0\0\0', 'media file of the brand abc\ufffd'],
    ['\xff\x0a\0', 'JPEG XL'],
  ])('with its right name: %j is %s', (head, name) =>
    expect(troubleOf(head)).toEqual({
      code: 'unsupported_format',
      message: `${name} is not supported; send ${ACCEPTED}`,
    }),
  );

  it('if it begins like nothing that we know', () =>
    expect(troubleOf('hello')).toEqual({
      code: 'not_an_image',
      message: `not a known image format; send ${ACCEPTED}`,
    }));

  it('if it is empty', () =>
    expect(troubleOf('', 0)).toEqual({ code: 'not_an_image', message: 'the file is empty' }));

  it('if it is too large, in the words of the server', () =>
    expect(troubleOf('GIF89a', 73_400_320)).toEqual({
      code: 'upload_too_large',
      message: '73,400,320 bytes; the limit is 50,000,000',
    }));
});
