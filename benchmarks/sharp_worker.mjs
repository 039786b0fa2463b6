// The worker that holds sharp; it speaks the protocol of protocol.py. The request's mode is one of
//   defaults     one clone() per file, nothing set but the size: what sharp's documentation shows
//   tuned        one clone() per file, at our encoders' settings
//   handwritten  the original decoded once, its pixels passed on, each width resized once, at our settings
// One core is measured: one libvips thread, and no cache that would remember the last round.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);

const encode = (image, output, tuned) => {
  const settings = {};
  if (tuned && output.quality !== null) settings.quality = output.quality;
  if (tuned && output.effort !== null) settings.effort = output.effort;
  if (tuned && output.format === 'avif') settings.chromaSubsampling = '4:2:0'; // as src/tintype/imaging/encode.py
  return image[output.format](settings);
};

const resize = (image, { width, height, fit }) => image.resize({ width, height: height ?? undefined, fit });

const mark = (image, output, font) => {
  if (!output.text) return image;
  const text = {
    text: `<span foreground="white" alpha="60%">${output.text}</span>`,
    fontfile: font,
    width: Math.round(output.width / 4),
    rgba: true,
  };
  return image.composite([{ input: { text }, gravity: 'southeast' }]);
};

const clones = async (data, request) => {
  const original = sharp(data).autoOrient();
  const files = await Promise.all(
    request.outputs.map((output) => {
      const resized = mark(resize(original.clone(), output), output, request.font);
      return encode(resized, output, request.mode === 'tuned').toBuffer();
    }),
  );
  return request.outputs.map((output, index) => [output.name, files[index]]);
};

const fromPixels = ({ data, info }) => sharp(data, { raw: info });

const pixels = (image) => image.raw().toBuffer({ resolveWithObject: true });

/** The upright original as pixels, no larger than the largest output needs. */
const decodeOnce = async (data, outputs) => {
  const { autoOrient } = await sharp(data).metadata();
  const scale = Math.max(
    ...outputs.map(({ width, height, fit }) => {
      const ratios = [width / autoOrient.width, (height ?? 0) / autoOrient.height];
      if (height === null) return ratios[0];
      return fit === 'cover' ? Math.max(...ratios) : Math.min(...ratios);
    }),
  );
  const width = Math.ceil(autoOrient.width * scale);
  return pixels(sharp(data).autoOrient().resize({ width }));
};

const handwritten = async (data, request) => {
  if (request.outputs.length === 1) return clones(data, { ...request, mode: 'tuned' });
  const base = await decodeOnce(data, request.outputs);
  const resized = new Map();
  const files = [];
  for (const output of request.outputs) {
    const preset = output.name.split('.')[0];
    if (!resized.has(preset)) {
      resized.set(preset, await pixels(mark(resize(fromPixels(base), output), output, request.font)));
    }
    files.push([output.name, await encode(fromPixels(resized.get(preset)), output, true).toBuffer()]);
  }
  return files;
};

const peakMegabytes = () => {
  if (!existsSync('/proc/self/status')) return (process.resourceUsage().maxRSS * 1024) / 1e6;
  const line = readFileSync('/proc/self/status', 'utf8').split('\n').find((one) => one.startsWith('VmHWM'));
  return (Number(line.split(/\s+/)[1]) * 1024) / 1e6;
};

const answer = async (request) => {
  const data = readFileSync(request.photo);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const files = await (request.mode === 'handwritten' ? handwritten : clones)(data, request);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (request.folder) {
    for (const [name, file] of files) writeFileSync(join(request.folder, name), file);
  }
  return {
    cpu_ms: (user + system) / 1000,
    wall_ms: wall,
    peak_mb: peakMegabytes(),
    bytes: Object.fromEntries(files.map(([name, file]) => [name, file.length])),
  };
};

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
