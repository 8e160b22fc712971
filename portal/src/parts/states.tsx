// SPDX-License-Identifier: Apache-2.0
// The states every page shares: loading, empty with a way on, failed with a retry, not permitted.
import { Button, Spinner } from "@fluentui/react-components";
import { ArrowClockwiseRegular, BoxSearchRegular, ErrorCircleRegular, LockClosedRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import type { ApiFailure } from "@/api/client";
import type { Loaded } from "@/api/load";
import { text } from "@/text";

export function Loading({ label = text.states.loading }: { label?: string }) {
  return (
    <div className="state-page" role="status">
      <Spinner size="small" label={label} />
    </div>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}
export function Empty({ title, children, action, icon }: EmptyProps) {
  return (
    <div className="state-page">
      <span className="state-icon" aria-hidden="true">{icon ?? <BoxSearchRegular />}</span>
      <h2>{title}</h2>
      {children && <div className="state-words">{children}</div>}
      {action && <div className="row">{action}</div>}
    </div>
  );
}

export function failureText(failure: ApiFailure): string {
  return failure.code === "NET-0001" ? text.states.unreachable : failure.message;
}

export function Failure({ failure, retry }: { failure: ApiFailure; retry?: () => void }) {
  const denied = failure.status === 403;
  const title = denied ? text.states.deniedTitle : failure.status === 404 ? text.states.missingTitle : text.states.failedTitle;
  return (
    <div className="state-page" role="alert" data-failure={failure.code}>
      <span className="state-icon" aria-hidden="true">{denied ? <LockClosedRegular /> : <ErrorCircleRegular />}</span>
      <h2>{title}</h2>
      <p className="state-words">{failureText(failure)}</p>
      {denied && <p className="state-words">{text.states.deniedHint}</p>}
      <p className="quiet small">
        {failure.code}
        {failure.requestId && ` · ${text.states.request} ${failure.requestId}`}
      </p>
      {retry && !denied && (
        <Button icon={<ArrowClockwiseRegular />} onClick={retry}>
          {text.states.retry}
        </Button>
      )}
    </div>
  );
}

// A failure beside data that is still shown.
export function FailureLine({ failure, dismiss }: { failure: ApiFailure; dismiss?: () => void }) {
  return (
    <div className="failure-line" role="alert" data-failure={failure.code}>
      <ErrorCircleRegular aria-hidden="true" />
      <span>
        {failureText(failure)} <span className="quiet">({failure.code})</span>
      </span>
      {dismiss && (
        <Button size="small" appearance="subtle" onClick={dismiss}>
          {text.states.dismiss}
        </Button>
      )}
    </div>
  );
}

// Shows what a reading holds: the first load as a spinner, a failure without data as a page, else the data.
export function Show<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ReactNode }) {
  if (of.data === undefined) return of.failure ? <Failure failure={of.failure} retry={of.reload} /> : <Loading />;
  return (
    <>
      {of.failure && <FailureLine failure={of.failure} dismiss={of.reload} />}
      {children(of.data)}
    </>
  );
}
