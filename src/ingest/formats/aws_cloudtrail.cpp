// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ingest/formats/all.h"
#include "ingest/formats/field_row.h"

namespace garrison::ingest::formats {
namespace {

struct Mapping {
  std::string_view field;
  std::string_view column;
};

// Members of an event record (AWS documentation, "CloudTrail record contents") to the columns of AWSCloudTrail.
constexpr Mapping kMappings[] = {
    {"eventTime", "TimeGenerated"},
    {"eventID", "AwsEventId"},
    {"eventVersion", "EventVersion"},
    {"eventSource", "EventSource"},
    {"eventType", "EventTypeName"},
    {"eventName", "EventName"},
    {"userIdentity.type", "UserIdentityType"},
    {"userIdentity.principalId", "UserIdentityPrincipalid"},
    {"userIdentity.arn", "UserIdentityArn"},
    {"userIdentity.accountId", "UserIdentityAccountId"},
    {"userIdentity.invokedBy", "UserIdentityInvokedBy"},
    {"userIdentity.accessKeyId", "UserIdentityAccessKeyId"},
    {"userIdentity.userName", "UserIdentityUserName"},
    {"userIdentity.sessionContext.attributes.mfaAuthenticated", "SessionMfaAuthenticated"},
    {"userIdentity.sessionContext.attributes.creationDate", "SessionCreationDate"},
    {"userIdentity.sessionContext.sessionIssuer.type", "SessionIssuerType"},
    {"userIdentity.sessionContext.sessionIssuer.principalId", "SessionIssuerPrincipalId"},
    {"userIdentity.sessionContext.sessionIssuer.arn", "SessionIssuerArn"},
    {"userIdentity.sessionContext.sessionIssuer.accountId", "SessionIssuerAccountId"},
    {"userIdentity.sessionContext.sessionIssuer.userName", "SessionIssuerUserName"},
    {"awsRegion", "AWSRegion"},
    {"sourceIPAddress", "SourceIpAddress"},
    {"userAgent", "UserAgent"},
    {"errorCode", "ErrorCode"},
    {"errorMessage", "ErrorMessage"},
    {"requestParameters", "RequestParameters"},
    {"responseElements", "ResponseElements"},
    {"additionalEventData", "AdditionalEventData"},
    {"requestID", "AwsRequestId"},
    {"resources", "Resources"},
    {"apiVersion", "APIVersion"},
    {"readOnly", "ReadOnly"},
    {"recipientAccountId", "RecipientAccountId"},
    {"serviceEventDetails", "ServiceEventDetails"},
    {"sharedEventID", "SharedEventId"},
    {"vpcEndpointId", "VpcEndpointId"},
    {"managementEvent", "ManagementEvent"},
    {"eventCategory", "Category"},
    {"tlsDetails.tlsVersion", "TlsVersion"},
    {"tlsDetails.cipherSuite", "CipherSuite"},
    {"tlsDetails.clientProvidedHostHeader", "ClientProvidedHostHeader"},
};

// Members whose column holds their JSON whole.
constexpr std::string_view kWhole[] = {"requestParameters", "responseElements", "additionalEventData",
                                       "serviceEventDetails"};

bool is_whole(std::string_view name) {
  return std::find(std::begin(kWhole), std::end(kWhole), name) != std::end(kWhole);
}

std::string_view column_of(std::string_view field) {
  for (const Mapping& mapping : kMappings)
    if (mapping.field == field) return mapping.column;
  return {};
}

bool matches(std::span<const Field> fields) {
  const auto has = [&](std::string_view name) {
    return std::any_of(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  };
  return has("eventSource") && has("eventName") && has("awsRegion");
}

class Reader final : public FormatReader {
 public:
  explicit Reader(const FormatContext& context)
      : output_(context.output), opened_(context.limits), whole_(context.limits) {}

  Result<void> read(std::string_view record) override {
    GARRISON_ASSIGN(const std::vector<Field>* const opened, opened_.read(record, 4));
    GARRISON_ASSIGN(const std::vector<Field>* const whole, whole_.read(record, 1));
    if (!matches(*whole))
      return bad_input("INGEST-0041", "no CloudTrail record: eventSource, eventName or awsRegion is missing");
    GARRISON_ASSIGN(TableBuilder* const builder, output_.table("AWSCloudTrail"));
    FieldRow row(*builder);
    row.set("OperationName", "CloudTrail");
    for (const Field& field : *whole)
      if (is_whole(field.name)) row.set(column_of(field.name), field.text);
    for (const Field& field : *opened) {
      if (is_whole(field.name.substr(0, field.name.find('.')))) continue;
      if (const std::string_view column = column_of(field.name); !column.empty())
        row.set(column, field.text);
      else
        row.keep(field);
    }
    row.commit();
    return {};
  }

 private:
  BatchOutput& output_;
  JsonFields opened_;
  JsonFields whole_;
};

}  // namespace

const Format kAwsCloudTrail = {
    .name = "aws-cloudtrail",
    .description = "Records of AWS CloudTrail, one object each, into AWSCloudTrail.",
    .table_choice = TableChoice::kNone,
    .example = R"({"eventTime":"2026-05-06T07:08:09Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",)"
               R"("awsRegion":"eu-west-1","userIdentity":{"type":"IAMUser","userName":"bob"},)"
               R"("requestParameters":{"bucketName":"b"}})",
    .example_table = "AWSCloudTrail",
    .example_row =
        R"({"TimeGenerated":"2026-05-06T07:08:09.0000000Z","EventSource":"s3.amazonaws.com",)"
        R"("EventName":"GetObject","UserIdentityType":"IAMUser","UserIdentityUserName":"bob",)"
        R"("AWSRegion":"eu-west-1","RequestParameters":"{\"bucketName\":\"b\"}","OperationName":"CloudTrail"})",
    .since = "0.1",
    .make = [](const FormatContext& context) -> std::unique_ptr<FormatReader> {
      return std::make_unique<Reader>(context);
    },
    .matches = matches,
};

}  // namespace garrison::ingest::formats
