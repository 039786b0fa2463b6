// Calls functions of the installed package: standard input has a list of [name, arguments], the answer is a list
// of what they return, or of {parameter, message} of the AddressError or TypeError that they throw.
import { text } from 'node:stream/consumers';
import * as address from 'tintype-url';
import * as signing from 'tintype-url/sign';

/** The parameters of a query as they are in it, but for an escaped comma. */
function parts(query) {
  return query
    .split('&')
    .filter(Boolean)
    .map((part) => {
      const [name, ...rest] = part.split('=');
      return [name, rest.join('=').replace(/%2c/gi, ',')];
    });
}

const functions = {
  url: address.url,
  srcset: address.srcset,
  widths: () => address.WIDTHS,
  next: (base, of) => address.nextLoader(base)(of),
  unpic: (base, ...of) => address.unpicTransformer(base)(...of),
  nuxt: (base, ...of) => address.nuxtProvider(base).getImage(...of),
  canonical: (query) => signing.canonical(parts(query)),
  sign: signing.sign,
};

async function call([name, given]) {
  try {
    return await functions[name](...given);
  } catch (error) {
    if (!(error instanceof signing.AddressError || error instanceof TypeError)) throw error;
    return { parameter: error.parameter, message: error.message };
  }
}

const calls = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await Promise.all(calls.map(call))));
