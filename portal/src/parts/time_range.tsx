// SPDX-License-Identifier: Apache-2.0
// Choice of a timespan: a duration before now, or an interval, in the form the API takes.
import { Button, Field, Input, Popover, PopoverSurface, PopoverTrigger } from "@fluentui/react-components";
import { ChevronDownRegular, ClockRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { usePreferences } from "@/app/preferences";
import { text } from "@/text";
import { formatDuration, formatTime } from "./format";

const presets = ["PT15M", "PT1H", "PT4H", "PT12H", "P1D", "P3D", "P7D", "P14D", "P30D", "P90D"];

export function timespanLabel(value: string, utc: boolean): string {
  if (!value) return text.time.all;
  const [from, to] = value.split("/");
  if (to) return `${formatTime(from, utc, false)} – ${formatTime(to, utc, false)}`;
  return text.time.last(text.time.spans[value] ?? formatDuration(value));
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  allowAll?: boolean;
}

export function TimeRange({ value, onChange, allowAll = false }: Props) {
  const { utc } = usePreferences();
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const choose = (next: string) => {
    onChange(next);
    setOpen(false);
  };
  const asIso = (typed: string) => new Date(utc ? `${typed}Z` : typed).toISOString();
  const valid = from !== "" && to !== "" && from < to;
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} positioning="below-end" trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button className="filter" icon={<ClockRegular />} data-testid="time-range">
          {timespanLabel(value, utc)}
          <ChevronDownRegular className="after-icon" />
        </Button>
      </PopoverTrigger>
      <PopoverSurface className="time-range">
        <div className="time-presets" role="group" aria-label={text.time.range}>
          {presets.map((preset) => (
            <Button key={preset} size="small" appearance={preset === value ? "primary" : "subtle"} onClick={() => choose(preset)}>
              {formatDuration(preset)}
            </Button>
          ))}
          {allowAll && (
            <Button size="small" appearance={value === "" ? "primary" : "subtle"} onClick={() => choose("")}>
              {text.time.all}
            </Button>
          )}
        </div>
        <form
          className="time-custom"
          onSubmit={(event) => {
            event.preventDefault();
            if (valid) choose(`${asIso(from)}/${asIso(to)}`);
          }}
        >
          <Field label={text.time.from(utc)}>
            <Input type="datetime-local" value={from} onChange={(_, data) => setFrom(data.value)} />
          </Field>
          <Field label={text.time.to}>
            <Input type="datetime-local" value={to} onChange={(_, data) => setTo(data.value)} />
          </Field>
          <Button type="submit" appearance="primary" disabled={!valid}>
            {text.time.apply}
          </Button>
        </form>
      </PopoverSurface>
    </Popover>
  );
}
