// SPDX-License-Identifier: Apache-2.0
// Lets the page through once somebody is signed in. The sign-in form stands at the same address, so that links survive it.
import type { ReactNode } from "react";
import { Failure, Loading } from "@/parts/states";
import { FirstPassword } from "./first_password";
import { useSession } from "./session";
import { SignInForm } from "./sign_in_form";

export function SignedIn({ children }: { children: ReactNode }) {
  const { state, refresh } = useSession();
  if (state.kind === "asking") return <Loading />;
  if (state.kind === "failed") return <Failure failure={state.failure} retry={() => void refresh()} />;
  if (state.kind === "signedOut") return <SignInForm ended={state.ended} />;
  if (state.profile.mustChangePassword) return <FirstPassword />;
  return <>{children}</>;
}
