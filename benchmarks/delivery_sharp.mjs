// sharp as a server of any size, at its best: `node delivery_sharp.mjs FOLDER PORT`.
// The JPEG is shrunk while it is loaded, straight from the disk; AVIF at our effort and sampling.

import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);
const [folder, port] = process.argv.slice(2);

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  const [width, quality] = ['w', 'q'].map((name) => Number(searchParams.get(name)));
  const body = await sharp(join(folder, basename(pathname)))
    .autoOrient()
    .resize({ width })
    .avif({ quality, effort: 0, chromaSubsampling: '4:2:0' })
    .toBuffer();
  response.writeHead(200, { 'content-type': 'image/avif', 'content-length': body.length });
  response.end(body);
}).listen(Number(port), '127.0.0.1');
