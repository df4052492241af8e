"""The allow-list of FHIR elements and value sets: what may stand where, what is read, and what is only passed over.

A leading `~` marks an element that is allowed and not read (it is reported as ignored), `*` a list. What is not in a
table is refused, because an element nobody knows may change the meaning of one that is read.   interoperability.md F3
"""

from __future__ import annotations

from collections.abc import Mapping

RELEASES = ("R4", "R4B", "R5")
PRIMITIVES = frozenset(
    {"string", "code", "uri", "id", "boolean", "decimal", "positiveInt", "unsignedInt", "date", "dateTime", "time"}
)
_RESOURCE = {"resourceType": "code", "id": "id", "meta": "Meta", "contained": "*Resource", "language": "~", "text": "~"}
_DOMAIN = _RESOURCE | {"extension": "*Extension", "identifier": "*Identifier"}


def _passed(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "~")


_DOSAGE = {
    "sequence": "positiveInt", "text": "string", "additionalInstruction": "*CodeableConcept",
    "patientInstruction": "string", "timing": "Timing", "asNeededBoolean": "boolean",
    "asNeededCodeableConcept": "CodeableConcept", "site": "~", "route": "CodeableConcept", "method": "~",
    "doseAndRate": "*DoseAndRate", "maxDosePerPeriod": "Ratio", "maxDosePerAdministration": "Quantity",
    "maxDosePerLifetime": "Quantity", "extension": "*Extension", "id": "~",
}  # fmt: skip
_REQUEST = _DOMAIN | {
    "status": "code", "intent": "code", "doNotPerform": "boolean", "reportedBoolean": "boolean",
    "medicationCodeableConcept": "CodeableConcept", "medicationReference": "Reference", "subject": "Reference",
    "supportingInformation": "*Reference", "authoredOn": "dateTime", "requester": "Reference",
    "reasonCode": "*CodeableConcept", "reasonReference": "*Reference", "note": "*Annotation",
    "dosageInstruction": "*Dosage", "dispenseRequest": "DispenseRequest", "priorPrescription": "Reference",
} | _passed(
    "statusReason category priority encounter performer performerType recorder reportedReference groupIdentifier "
    "courseOfTherapyType insurance substitution detectedIssue eventHistory instantiatesCanonical instantiatesUri "
    "basedOn"
)  # fmt: skip

SHAPES: Mapping[str, Mapping[str, str]] = {
    "Bundle": _RESOURCE
    | {"type": "code", "entry": "*Entry"} | _passed("identifier timestamp total link signature"),
    "Entry": {"fullUrl": "uri", "resource": "Resource"} | _passed("id link search request response"),
    "Patient": _DOMAIN
    | {
        "active": "boolean", "name": "*HumanName", "gender": "code", "birthDate": "date", "deceasedBoolean": "boolean",
        "deceasedDateTime": "dateTime", "link": "*PatientLink",
    }
    | _passed(
        "telecom address maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication "
        "generalPractitioner managingOrganization"
    ),
    "PatientLink": {"other": "Reference", "type": "code"},
    "Observation": _DOMAIN
    | {
        "status": "code", "category": "*CodeableConcept", "code": "CodeableConcept", "subject": "Reference",
        "effectiveDateTime": "dateTime", "effectiveInstant": "dateTime", "valueQuantity": "Quantity",
        "method": "CodeableConcept", "derivedFrom": "*Reference", "note": "*Annotation",
    }
    | _passed(
        "issued performer encounter device bodySite interpretation basedOn partOf hasMember referenceRange component "
        "valueCodeableConcept valueString dataAbsentReason"
    ),
    "MedicationRequest": _REQUEST,
    "Medication": _DOMAIN
    | {"code": "CodeableConcept", "status": "code", "form": "CodeableConcept", "ingredient": "*Ingredient"}
    | _passed("manufacturer amount batch"),
    "Ingredient": {"itemCodeableConcept": "CodeableConcept", "isActive": "boolean", "strength": "~"},
    "Practitioner": _DOMAIN | {"name": "*HumanName"}
    | _passed("active telecom address gender birthDate photo qualification communication"),
    "PractitionerRole": _DOMAIN | {"practitioner": "Reference"}
    | _passed("active period organization code specialty location healthcareService telecom availableTime"),
    "Organization": _DOMAIN | {"name": "string"} | _passed("active type alias telecom address partOf contact endpoint"),
    "Encounter": _DOMAIN | {"subject": "Reference"}
    | _passed("status class type serviceType priority participant period location serviceProvider partOf"),
    "Condition": _DOMAIN | {"code": "CodeableConcept", "subject": "Reference", "clinicalStatus": "CodeableConcept",
                            "verificationStatus": "CodeableConcept"}
    | _passed("category severity bodySite encounter onsetDateTime onsetAge recordedDate recorder asserter stage note"),
    "AllergyIntolerance": _DOMAIN | {"patient": "Reference", "code": "CodeableConcept",
                                     "clinicalStatus": "CodeableConcept", "verificationStatus": "CodeableConcept"}
    | _passed("type category criticality onsetDateTime recordedDate recorder asserter lastOccurrence note reaction"),
    "MedicationAdministration": _DOMAIN | {"status": "code", "subject": "Reference", "request": "Reference",
                                           "dosage": "AdministeredDosage"}
    | _passed("medicationCodeableConcept medicationReference effectiveDateTime effectivePeriod performer category "
              "note"),
    "AdministeredDosage": {"dose": "Quantity", "text": "string", "route": "~", "rateQuantity": "Quantity",
                           "rateRatio": "~"},
    "MedicationDispense": _DOMAIN | {"status": "code", "subject": "Reference", "authorizingPrescription": "*Reference",
                                     "dosageInstruction": "*Dosage"}
    | _passed(
        "medicationCodeableConcept medicationReference performer type quantity daysSupply whenPrepared "
        "whenHandedOver note category"
    ),
    "CapabilityStatement": {"resourceType": "code", "fhirVersion": "code", "id": "~", "text": "~", "meta": "Meta"}
    | _passed("status date kind format url name title publisher software implementation rest"),
    "MessageHeader": _RESOURCE | _passed("eventCoding eventUri destination source sender focus author enterer reason"),
    "Provenance": _RESOURCE | _passed("target recorded agent entity signature occurredDateTime activity reason"),
    "Meta": {"profile": "*uri", "tag": "*Coding", "versionId": "~", "lastUpdated": "~", "source": "~", "security": "~"},
    "Extension": {"url": "uri", "valueCodeableConcept": "CodeableConcept"},
    "Identifier": {"use": "code", "system": "uri", "value": "string"} | _passed("type period assigner"),
    "HumanName": {"use": "code", "text": "string", "family": "string", "given": "*string"}
    | _passed("prefix suffix period"),
    "CodeableConcept": {"coding": "*Coding", "text": "string"},
    "Coding": {"system": "uri", "code": "code", "display": "string", "version": "~", "userSelected": "~"},
    "Reference": {"reference": "string", "display": "string", "type": "~", "identifier": "Identifier"},
    "Annotation": {"text": "string"} | _passed("authorReference authorString time"),
    "Quantity": {"value": "decimal", "comparator": "code", "unit": "string", "system": "uri", "code": "code"},
    "Ratio": {"numerator": "Quantity", "denominator": "Quantity"},
    "Dosage": _DOSAGE,
    "DoseAndRate": {
        "type": "CodeableConcept", "doseQuantity": "Quantity", "doseRange": "~", "rateQuantity": "~", "rateRatio": "~",
        "rateRange": "~", "id": "~",
    },
    "Timing": {"repeat": "Repeat", "code": "CodeableConcept"},
    "Repeat": {
        "frequency": "positiveInt", "period": "decimal", "periodUnit": "code", "timeOfDay": "*time", "when": "*code",
        "boundsPeriod": "Period", "boundsDuration": "Quantity", "count": "positiveInt",
    },
    "Period": {"start": "dateTime", "end": "dateTime"},
    "DispenseRequest": {"quantity": "~", "expectedSupplyDuration": "Quantity", "numberOfRepeatsAllowed": "unsignedInt"}
    | _passed("initialFill dispenseInterval validityPeriod performer dispenser dispenserInstruction "
              "doseAdministrationAid"),
    "CodeableReference": {"concept": "CodeableConcept", "reference": "Reference"},
}  # fmt: skip

# What R5 calls by another name; the R4 names are then unknown and refused, so nobody guesses a release by its shape.
_R5_RENAMED: Mapping[str, Mapping[str, str]] = {
    "MedicationRequest": {"medication": "CodeableReference", "reason": "*CodeableReference", "reported": "boolean"},
    "Dosage": {"asNeeded": "boolean", "asNeededFor": "*CodeableConcept", "maxDosePerPeriod": "*Ratio"},
    "Ingredient": {"item": "CodeableReference"},
    "MedicationAdministration": {"medication": "~"},
    "MedicationDispense": {"medication": "~"},
    "Medication": {"doseForm": "CodeableConcept"},
}
_R4_ONLY = frozenset(
    {
        "medicationCodeableConcept", "medicationReference", "reasonCode", "reasonReference", "reportedBoolean",
        "reportedReference", "asNeededBoolean", "asNeededCodeableConcept", "itemCodeableConcept", "form",
    }
)  # fmt: skip

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Bundle": ("type",),
    "Patient": ("identifier", "name", "birthDate"),
    "Observation": ("status", "code", "subject"),
    "MedicationRequest": ("status", "intent", "subject", "authoredOn", "requester", "dosageInstruction"),
    "Dosage": ("doseAndRate", "timing", "route"),
    "Quantity": ("value",),
    "Ratio": ("numerator", "denominator"),
    "Extension": ("url",),
    "MedicationAdministration": ("status", "subject"),
    "MedicationDispense": ("status", "subject"),
}
VALUE_SETS: Mapping[str, frozenset[str]] = {
    name: frozenset(codes.split())
    for name, codes in {
        "Bundle.type": "collection message document transaction batch searchset",
        "MedicationRequest.status": "active on-hold ended stopped cancelled completed entered-in-error draft unknown",
        "MedicationRequest.intent": "proposal plan order original-order reflex-order filler-order instance-order "
        "option",
        "Observation.status": "registered preliminary final amended corrected cancelled entered-in-error unknown",
        "Medication.status": "active inactive entered-in-error",
        "MedicationAdministration.status": "in-progress not-done on-hold completed entered-in-error stopped unknown",
        "MedicationDispense.status": "preparation in-progress cancelled on-hold completed entered-in-error stopped "
        "declined unknown",
        "Patient.gender": "male female other unknown",
        "Identifier.use": "usual official temp secondary old",
        "HumanName.use": "usual official temp nickname anonymous old maiden",
        "Quantity.comparator": "< <= >= > ad",
        "Repeat.periodUnit": "s min h d wk mo a",
        "PatientLink.type": "replaced-by replaces refer seealso",
    }.items()
}


def shape_of(type_name: str, release: str) -> Mapping[str, str]:
    """Return the elements a type may have in a release."""
    shape = SHAPES[type_name]
    if release != "R5":
        return shape
    kept = {name: kind for name, kind in shape.items() if name not in _R4_ONLY}
    return kept | dict(_R5_RENAMED.get(type_name, {}))


RESOURCE_TYPES = frozenset(name for name, shape in SHAPES.items() if "resourceType" in shape)
