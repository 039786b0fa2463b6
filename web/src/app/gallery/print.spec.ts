import { print, printSize } from './print';

const THUMB = { width: 320, height: 213 };
const DISPLAY = { width: 1600, height: 1067 };

describe('printSize', () => {
  it('has as many pixels as the tile has on the screen', () => {
    const tile = { width: 300, height: 200 };
    expect(printSize(DISPLAY, tile, 1)).toEqual({ width: 300, height: 200 });
    expect(printSize(DISPLAY, tile, 2)).toEqual({ width: 600, height: 400 });
  });

  it('covers a tile of another shape', () => {
    const { width, height } = printSize(DISPLAY, { width: 200, height: 200 }, 1);
    expect(height).toBe(200);
    expect(width).toBe(300);
  });

  it('never enlarges', () => {
    expect(printSize(THUMB, { width: 500, height: 333 }, 3)).toEqual(THUMB);
  });

  it('keeps a pixel of what is very thin', () => {
    const line = { width: 1600, height: 1 };
    expect(printSize(line, { width: 100, height: 1 }, 1).height).toBe(1);
  });
});

describe('print', () => {
  const bitmap = { width: 30, height: 20, close: vi.fn() };
  const transferFromImageBitmap = vi.fn();
  const canvas = {
    width: 300,
    height: 150,
    getContext: () => ({ transferFromImageBitmap }),
  } as unknown as HTMLCanvasElement;
  const decode = vi.fn();
  const ask = vi.fn();

  beforeEach(() => {
    vi.clearAllMocks();
    decode.mockResolvedValue(bitmap);
    ask.mockImplementation(() => Promise.resolve(new Response('bytes')));
    vi.stubGlobal('fetch', ask);
    vi.stubGlobal('createImageBitmap', decode);
  });

  afterEach(() => vi.unstubAllGlobals());

  const own = (): string => `${location.origin}/01A/thumb.webp`;

  it('hands the file over at the size asked for', async () => {
    const { signal } = new AbortController();

    expect(await print(own(), canvas, { width: 30, height: 20 }, signal)).toBe(true);

    expect(decode.mock.lastCall?.[1]).toMatchObject({ resizeWidth: 30, resizeHeight: 20 });
    expect([canvas.width, canvas.height]).toEqual([30, 20]);
    expect(transferFromImageBitmap).toHaveBeenCalledWith(bitmap);
  });

  it('does not ask another host, which would refuse', async () => {
    const { signal } = new AbortController();
    const address = 'https://elsewhere.example/01A/thumb.webp';

    expect(await print(address, canvas, undefined, signal)).toBe(false);

    expect(ask).not.toHaveBeenCalled();
  });

  it('draws nothing once the tile is gone', async () => {
    const gone = new AbortController();
    decode.mockImplementation(() => {
      gone.abort();
      return Promise.resolve(bitmap);
    });

    expect(await print(own(), canvas, undefined, gone.signal)).toBe(false);

    expect(transferFromImageBitmap).not.toHaveBeenCalled();
    expect(bitmap.close).toHaveBeenCalledOnce();
  });

  it('leaves a picture that cannot be read or decoded to its element', async () => {
    const { signal } = new AbortController();
    ask.mockResolvedValueOnce(new Response('gone', { status: 404 }));
    expect(await print(own(), canvas, undefined, signal)).toBe(false);

    decode.mockRejectedValueOnce(new DOMException('no picture', 'InvalidStateError'));
    expect(await print(own(), canvas, undefined, signal)).toBe(false);
  });
});
