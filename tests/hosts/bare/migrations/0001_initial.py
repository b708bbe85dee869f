from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Patron",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("desk", models.CharField(max_length=20)),
                ("balance", models.FloatField(default=0)),
            ],
        ),
    ]
