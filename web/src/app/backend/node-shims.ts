// The one thing of Node that AWS's subscription link takes for granted: text to base64.
interface BufferLike {
  from(text: string): { toString(encoding: 'base64'): string };
}

const shim: BufferLike = {
  from: (text) => ({
    toString: () => btoa(String.fromCharCode(...new TextEncoder().encode(text))),
  }),
};

const world = globalThis as { Buffer?: BufferLike };
world.Buffer ??= shim;

export {};
