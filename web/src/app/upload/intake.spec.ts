import { isImageName, pastedFiles } from './intake';

describe('files', () => {
  it.each(['a.JPG', 'b.heic', 'c.tiff', 'd.webp', 'drawing.svg'])(
    '%s is an image in a folder',
    (name) => expect(isImageName(name)).toBe(true),
  );

  it.each(['.DS_Store', 'notes.txt', 'movie.mp4', '.hidden.jpg', 'jpg'])('%s is none', (name) =>
    expect(isImageName(name)).toBe(false),
  );

  it('have a name of their own when they were pasted without one', () => {
    const now = new Date(2026, 10, 21, 9, 5, 7);
    const pasted = pastedFiles([new File(['x'], 'image.png'), new File(['y'], 'cat.gif')], now);

    expect(pasted.map((one) => one.name)).toEqual(['Pasted 2026-11-21 09.05.07.png', 'cat.gif']);
  });
});
