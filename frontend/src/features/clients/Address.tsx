import { Fragment } from "react";

/** An e-mail address; where it does not fit into a line, it breaks before its @ or a dot. */
export function Address({ email }: { email: string }) {
  return email.split(/(?=[@.])/).map((piece, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a piece is known by its place only
    <Fragment key={i}>
      <wbr />
      {piece}
    </Fragment>
  ));
}
