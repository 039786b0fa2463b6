import { util } from "@aws-appsync/utils";

/** Read one record. */
export function request(ctx) {
  return { operation: "GetItem", key: util.dynamodb.toMapValues({ id: ctx.args.id }) };
}

/** Return it, or null for another's image and for a deleted one, whose record is kept for a while. */
export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type);
  }
  if (!ctx.result || ctx.result.status === "DELETED") {
    return null;
  }
  if (ctx.env.ACCESS_MODE !== "open" && !isAdmin(ctx) && ctx.result.owner !== ownerOf(ctx)) {
    return null;
  }
  return withAddresses(ctx.result, ctx.env.PUBLIC_URL);
}
