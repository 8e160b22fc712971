// SPDX-License-Identifier: Apache-2.0
// Closing asks what the incident turned out to be.
import { Field, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import type { IncidentUpdate } from "@/api/types";
import { FormDialog } from "@/parts/confirm";
import { text } from "@/text";
import { closings } from "./change_incident";

interface Props {
  count: number;
  perform: (change: IncidentUpdate) => Promise<void>;
  close: () => void;
}

export function CloseDialog({ count, perform, close }: Props) {
  const [chosen, setChosen] = useState("");
  const [comment, setComment] = useState("");
  const closing = closings[Number(chosen)];
  return (
    <FormDialog
      title={text.incident.closeTitle(count)}
      action={text.incident.close}
      ready={chosen !== ""}
      close={close}
      perform={() =>
        perform({ status: "Closed", classification: closing.classification, ...(closing.reason ? { classificationReason: closing.reason } : {}), ...(comment.trim() ? { classificationComment: comment.trim() } : {}) })
      }
    >
      <Field label={text.incident.classification} required>
        <RadioGroup value={chosen} onChange={(_, data) => setChosen(data.value)}>
          {closings.map((entry, index) => (
            <Radio key={index} value={String(index)} label={`${text.classification[entry.classification]}${entry.reason ? ` – ${text.reason[entry.reason]}` : ""}`} />
          ))}
        </RadioGroup>
      </Field>
      <Field label={text.incident.closeComment}>
        <Textarea value={comment} resize="vertical" onChange={(_, data) => setComment(data.value)} />
      </Field>
    </FormDialog>
  );
}
