/** Pass the image on; AppSync delivers it to the subscribers. */
export function request(ctx) {
  return { payload: ctx.args.image };
}

/** Return the image. */
export function response(ctx) {
  return ctx.result;
}
