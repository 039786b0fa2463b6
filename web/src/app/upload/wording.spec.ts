import { type Stage, type Upload, summarise } from './queue';
import { STANDSTILL, measured } from './speed';
import { announcement, chipOf, detailOf, headline, shortfall } from './wording';

const upload = (key: number, stage: Stage, name = `${key}.jpg`): Upload => ({
  key,
  name,
  size: 4_500_000,
  stage,
});
const WAITING: Stage = { at: 'waiting', contentType: 'image/jpeg' };
const READY: Stage = { at: 'ready', imageId: '01A' };
const REFUSED: Stage = {
  at: 'refused',
  trouble: { code: 'not_an_image', message: 'the file is empty' },
};

function sending(sent: number): Stage {
  const speed = measured(measured(STANDSTILL, 0, 0), sent, 1_000);
  return { at: 'uploading', contentType: 'image/jpeg', sent, speed };
}

describe('the line of an upload', () => {
  it('tells progress, speed and the time that is left', () => {
    expect(detailOf(upload(1, sending(1_500_000)))).toBe('1.5 of 4.5 MB · 1.5 MB/s · 2 s left');
    expect(detailOf(upload(1, sending(980_000)))).toBe('980 KB of 4.5 MB · 980 KB/s · 4 s left');
  });

  it('tells the size otherwise', () => {
    expect(detailOf(upload(1, READY))).toBe('4.5 MB');
    expect(chipOf(upload(1, READY)).text).toBe('Ready');
  });
});

describe("the tray's headline", () => {
  const of = (...stages: readonly Stage[]): string =>
    headline(summarise(stages.map((stage, key) => upload(key, stage))));

  it('counts what is uploaded, then what processes, then the outcome', () => {
    const processing: Stage = { at: 'processing', imageId: '01A', above: 0 };

    expect(of(READY, WAITING)).toBe('1 of 2 uploaded');
    expect(of(sending(1_500_000))).toBe('0 of 1 uploaded · 2 s left');
    expect(of(READY, processing)).toBe('Processing 1 picture');
    expect(of(READY, READY, REFUSED)).toBe('2 ready, 1 failed');
  });
});

describe('what is read out', () => {
  it('is nothing while nothing ends', () => {
    const before = [upload(1, WAITING)];

    expect(announcement(before, [upload(1, sending(10))])).toBe('');
  });

  it('names a few, with reasons, and keeps their writing direction to them', () => {
    const news = announcement([], [upload(1, READY, 'a\u202egpj.exe'), upload(2, REFUSED)]);

    expect(news).toBe(
      '2 pictures added. \u2068a\u202egpj.exe\u2069 is ready. ' +
        '\u20682.jpg\u2069: not accepted, the file is empty.',
    );
  });

  it('counts many', () => {
    const before = Array.from({ length: 14 }, (_, key) => upload(key, WAITING));
    const after = before.map((one) => ({ ...one, stage: READY }));

    expect(announcement(before, after)).toBe('14 pictures ready.');
  });
});

describe('a folder', () => {
  it('is spoken of when it gives nothing, or not all', () => {
    const files = [new File(['x'], 'a.jpg')];

    expect(shortfall({ files, unreadable: 0 })).toBe('');
    expect(shortfall({ files, unreadable: 2 })).toBe('2 files could not be read.');
    expect(shortfall({ files: [], unreadable: 0 })).toBe('It contains no images.');
  });
});
