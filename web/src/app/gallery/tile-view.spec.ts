import { rendition, sampleImage } from '../shared/sample-image';
import { tileView } from './tile-view';

const FAILURE = { code: 'truncated_image', message: 'the JPEG ends', retryable: false };

describe('tileView', () => {
  it('offers the small file also to browsers that know AVIF', () => {
    const view = tileView(sampleImage(), false);

    expect(view).toMatchObject({ kind: 'picture', note: null, width: 1600, height: 1067 });
    const sources = view.kind === 'picture' ? view.sources : [];
    expect(sources.map((one) => one.type)).toEqual(['image/avif', 'image/webp']);
    expect(sources[0]?.srcset).toContain('thumb.webp 320w');
    expect(sources[0]?.srcset).toContain('display.avif 1600w');
    expect(sources[1]?.srcset).not.toContain('avif');
    expect(view.kind === 'picture' && view.src).toContain('display.webp');
  });

  it('stands still for who wants that', () => {
    const renditions = [
      rendition('thumb', 'webp', 320, 213),
      rendition('display', 'avif', 400, 267),
      rendition('display', 'webp', 400, 267),
    ];
    const moving = sampleImage({ renditions }, { format: 'gif', frames: 44 });
    const view = tileView(moving, true);

    expect(JSON.stringify(view)).not.toContain('webp');
    expect(view).toMatchObject({ moves: false });
    expect(JSON.stringify(tileView(moving, false))).not.toContain('display.avif');
    expect(tileView(moving, false)).toMatchObject({ moves: true });
    expect(tileView(sampleImage(), false)).toMatchObject({ moves: false });
  });

  it.each([
    ['PROCESSING', { kind: 'processing' }],
    ['AWAITING_UPLOAD', { kind: 'waiting' }],
    ['FAILED', { kind: 'failed', reason: 'The file is cut off' }],
  ] as const)('shows what becomes of one that is %s', (status, view) => {
    const image = sampleImage({ status, renditions: [], failure: FAILURE });
    expect(tileView(image, false)).toEqual(view);
  });

  it('shows the first picture while the others are made, and says so', () => {
    const { renditions } = sampleImage();
    const first = renditions.filter((one) => one.preset === 'thumb').slice(0, 1);
    const image = sampleImage({ status: 'PROCESSING', renditions: first });
    expect(tileView(image, false)).toMatchObject({
      kind: 'picture',
      src: first[0]?.url,
      note: 'processing',
    });
  });

  it('keeps the picture while it is processed again, and says so', () => {
    expect(tileView(sampleImage({ status: 'PROCESSING' }), false)).toMatchObject({
      kind: 'picture',
      note: 'processing',
    });
    expect(tileView(sampleImage({ status: 'FAILED', failure: FAILURE }), false)).toMatchObject({
      kind: 'picture',
      note: 'failed',
    });
  });
});
