import type { Stage, Upload } from './queue';
import { recall, remember } from './unfinished';

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

const upload = (key: number, stage: Stage): Upload => ({
  key,
  name: `${key}.jpg`,
  size: 10,
  stage,
});

describe('what is processing', () => {
  it('outlives a reload, and nothing else does', () => {
    const kept = storage();

    remember(kept, [
      upload(1, { at: 'processing', imageId: '01A', above: 0 }),
      upload(2, { at: 'ready', imageId: '01B' }),
      upload(3, { at: 'waiting', contentType: 'image/jpeg' }),
    ]);

    expect(recall(kept)).toEqual([{ imageId: '01A', name: '1.jpg', size: 10 }]);
  });

  it('is forgotten when it is done', () => {
    const kept = storage();
    remember(kept, [upload(1, { at: 'processing', imageId: '01A', above: 0 })]);

    remember(kept, [upload(1, { at: 'ready', imageId: '01A' })]);

    expect(recall(kept)).toEqual([]);
  });

  it.each(['no json', '{}', '[1, null, {"imageId": 2}]'])('is nothing if %j was kept', (text) =>
    expect(recall({ getItem: () => text })).toEqual([]),
  );

  it('does not mind a storage that is forbidden', () => {
    const forbidden = (): never => {
      throw new Error('no');
    };

    expect(recall({ getItem: forbidden })).toEqual([]);
    expect(() => remember({ setItem: forbidden, removeItem: forbidden }, [])).not.toThrow();
  });
});
