import { util } from "@aws-appsync/utils";

/** Read one record. */
export function request(ctx) {
  return { operation: "GetItem", key: util.dynamodb.toMapValues({ id: ctx.args.id }) };
}

/** Return it, or null for a deleted image, whose record is kept for a while. */
export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type);
  }
  if (!ctx.result || ctx.result.status === "DELETED") {
    return null;
  }
  return withAddresses(ctx.result, ctx.env.PUBLIC_URL);
}
